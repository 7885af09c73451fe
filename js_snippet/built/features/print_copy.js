M.push(()=>{addEventListener("beforeprint",()=>T("event","print")),addEventListener("copy",()=>T("event","copy",{length:(""+getSelection()).length}))});
