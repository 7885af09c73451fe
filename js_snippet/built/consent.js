let u,{key:g,cookie:f}=$,m={purposes:{analytics_storage:"unset"}},p=0,_=0,v=({purposes:e}=m)=>f[e.analytics_storage]||0;
