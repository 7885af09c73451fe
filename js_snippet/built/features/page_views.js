a.push(()=>{l("page"),addEventListener("pageshow",({persisted:e})=>e&&l("page"))});
