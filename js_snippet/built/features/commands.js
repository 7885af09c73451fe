{const{event:e}=A;let t;A.event=(n,o,i,c)=>e(n,o,t?{...t,...i}:i,c),A.set=(e,n)=>{t=d(s({...t,...n}),(e,t)=>t??void 0)},A.identify=(e,t,n)=>A.user(e,{...n,id:""+t}),A.reset=e=>{t=0,A.user(e)}}
