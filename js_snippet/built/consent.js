const{key:t,cookie:n}=config;let o,i={purposes:{analytics_storage:"unset"}},c=0,r=0;function a({purposes:e}=i){return n[e.analytics_storage]||0}
