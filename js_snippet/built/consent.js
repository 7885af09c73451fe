let t,n={purposes:{analytics_storage:"unset"}},o=0,i=0;function c({purposes:e}=n){return config.cookie[e.analytics_storage]||0}
