a.push(()=>{addEventListener("beforeprint",()=>c("event","print")),addEventListener("copy",()=>c("event","copy",{length:(""+getSelection()).length}))});
