M.push(()=>{addEventListener("beforeprint",()=>z("event","print")),addEventListener("copy",()=>z("event","copy",{length:(""+getSelection()).length}))});
