if(navigator.globalPrivacyControl){const{consent:e}=A;A.consent=(t,n,o)=>e(t,{...n,...config.gpc},o),Object.assign(n.purposes,config.gpc),n.source="gpc"}
