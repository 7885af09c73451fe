a.push(()=>{c("page"),addEventListener("pageshow",({persisted:e})=>e&&c("page"))});
