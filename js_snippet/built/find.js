let W=(e,i,t=240)=>{let o;try{if(o=e(),o)i(o)}catch{}if(!o&&t)setTimeout(W,250,e,i,t-1)};
