M.push(()=>{addEventListener("beforeprint",()=>$("event","print")),addEventListener("copy",()=>$("event","copy",{length:(""+getSelection()).length}))});
