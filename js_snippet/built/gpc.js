if(navigator.globalPrivacyControl){const{consent:e}=s;s.consent=(t,n,o)=>e(t,{...n,...config.gpc},o),m={source:"gpc",purposes:{...m.purposes,...config.gpc}}}
