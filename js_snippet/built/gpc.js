if(navigator.globalPrivacyControl){let{consent:e}=d;d.consent=(t,i,r)=>e(t,{...i,...$.gpc},r),m={source:"gpc",purposes:{...m.purposes,...$.gpc}}}
