M.push(()=>{$("page"),addEventListener("pageshow",e=>e.persisted&&$("page"))});
