let K=e=>!!document.querySelector(`script[src*="${e}"]`),Q=(e={},t={})=>{if(i!=location.href)c("page",e,t)},ee=(e,t)=>{let i=([e,...i])=>{try{t[e](...i)}catch{}};[...e].forEach(i),te(e,i)};
