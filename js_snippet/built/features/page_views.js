t.push(()=>{d("page"),addEventListener("pageshow",e=>e.persisted&&d("page"))});
