a.push(()=>{addEventListener("beforeprint",()=>l("event","print")),addEventListener("copy",()=>l("event","copy",{length:(""+getSelection()).length}))});
