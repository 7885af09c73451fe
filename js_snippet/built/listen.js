let Z=(e,i)=>{e.split(" ").forEach(e=>addEventListener(e,e=>{try{i(e)}catch{}},!0))};
