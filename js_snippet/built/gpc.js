if(navigator.globalPrivacyControl){const{consent:e}=R;R.consent=(t,n,o)=>e(t,{...n,...config.gpc},o),i={source:"gpc",purposes:{...i.purposes,...config.gpc}}}
