let t,n={purposes:{analytics_storage:"unset"}},o=0,r=0;function i({purposes:e}=n){return config.cookie[e.analytics_storage]||0}
