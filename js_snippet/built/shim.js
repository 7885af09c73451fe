let K=e=>!!document.querySelector(`script[src*="${e}"]`),j=(e={},i={})=>{if(t!=location.href)l("page",e,i)},ee=(e,i)=>{let t=e=>{try{let[t,...o]=e;i[t](...o)}catch{}};[...e].forEach(t),ie(e,t)};
