if(navigator.globalPrivacyControl){let{consent:e}=p;p.consent=(i,t,o)=>e(i,{...t,...$.gpc},o),c={source:"gpc",purposes:{...c.purposes,...$.gpc}}}
