if(navigator.globalPrivacyControl){const{consent:e}=U;U.consent=(t,n,o)=>e(t,{...n,...config.gpc},o),i={source:"gpc",purposes:{...i.purposes,...config.gpc}}}
