k.push(()=>{D("page"),addEventListener("pageshow",e=>e.persisted&&D("page"))});
