const{key:l,cookie:g}=config;let f,m={purposes:{analytics_storage:"unset"}},p=0,_=0;function v({purposes:e}=m){return g[e.analytics_storage]||0}
