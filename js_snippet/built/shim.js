let K=e=>!!document.querySelector(`script[src*="${e}"]`),j=(e={},i={})=>{if(t!=location.href)l("page",e,i)},ee=(e,i)=>{let t=([e,...t])=>{try{i[e](...t)}catch{}};[...e].forEach(t),ie(e,t)};
