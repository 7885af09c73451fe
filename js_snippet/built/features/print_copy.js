t.push(()=>{addEventListener("beforeprint",()=>d("event","print")),addEventListener("copy",()=>d("event","copy",{length:(""+getSelection()).length}))});
