let y,{key:g,cookie:b}=$,c={purposes:{analytics_storage:"unset"}},m=0,_=0,P=({purposes:e}=c)=>b[e.analytics_storage]||0;
