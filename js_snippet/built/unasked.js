{const{consent:e}=s;s.consent=(t,n,o)=>{"denied"==n.analytics_storage&&"unset"==f?.analytics_storage&&(f={...f,analytics_storage:"granted"}),e(t,n,o)}}
