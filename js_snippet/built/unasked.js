{let{consent:e}=d;d.consent=(t,i,r)=>{if("denied"==i.analytics_storage&&"unset"==u?.analytics_storage)u={...u,analytics_storage:"granted"};e(t,i,r)}}
