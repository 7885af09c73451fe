let z=(e,t)=>e.getAttribute(t)||void 0;
