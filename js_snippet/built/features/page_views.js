M.push(()=>{z("page"),addEventListener("pageshow",e=>e.persisted&&z("page"))});
