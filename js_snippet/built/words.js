let te=e=>e.textContent.replace(/\s+/g," ").trim().slice(0,100);
