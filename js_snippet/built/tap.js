let te=(e,t)=>{let{push:i}=e;Reflect.defineProperty(e,"push",{value:(...r)=>(r.forEach(t),i.apply(e,r)),writable:!0,configurable:!0})};
