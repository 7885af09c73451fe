if(navigator.globalPrivacyControl){const{consent:e}=T;T.consent=(t,n,o)=>e(t,{...n,...config.gpc},o),Object.assign(n.purposes,config.gpc),n.source="gpc"}
