k.push(()=>{addEventListener("beforeprint",()=>D("event","print")),addEventListener("copy",()=>D("event","copy",{length:(""+getSelection()).length}))});
