O.push(()=>{P("page"),addEventListener("pageshow",e=>e.persisted&&P("page"))});
