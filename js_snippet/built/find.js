let Y=(e,t,i=240)=>{let r;try{if(r=e(),r)t(r)}catch{}if(!r&&i)setTimeout(Y,250,e,t,i-1)};
