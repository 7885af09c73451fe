L.push(()=>{addEventListener("beforeprint",()=>q("event","print")),addEventListener("copy",()=>q("event","copy",{length:(""+getSelection()).length}))});
