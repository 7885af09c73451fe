let ie=(e,i)=>{let{push:t}=e;Reflect.defineProperty(e,"push",{value:(...o)=>(o.forEach(i),t.apply(e,o)),writable:!0,configurable:!0})};
