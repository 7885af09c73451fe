{let{consent:e}=p;p.consent=(i,t,o)=>{if("denied"==t.analytics_storage&&"unset"==y?.analytics_storage)y={...y,analytics_storage:"granted"};e(i,t,o)}}
