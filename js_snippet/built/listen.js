let X=(e,t)=>{e.split(" ").forEach(e=>addEventListener(e,e=>{try{t(e)}catch{}},!0))};
