M.push(()=>{T("page"),addEventListener("pageshow",e=>e.persisted&&T("page"))});
