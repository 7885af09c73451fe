O.push(()=>{addEventListener("beforeprint",()=>P("event","print")),addEventListener("copy",()=>P("event","copy",{length:(""+getSelection()).length}))});
