L.push(()=>{q("page"),addEventListener("pageshow",e=>e.persisted&&q("page"))});
