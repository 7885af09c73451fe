{const{consent:e}=R;R.consent=(t,n,i)=>{"denied"==n.analytics_storage&&"unset"==o?.analytics_storage&&(o={...o,analytics_storage:"granted"}),e(t,n,i)}}
