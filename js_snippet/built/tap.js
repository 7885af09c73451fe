let ie=(e,i)=>{let{push:t}=e,o=(...o)=>(o.forEach(i),t.apply(e,o));Reflect.set(e,"push",o)||Reflect.defineProperty(e,"push",{value:o,writable:!0,configurable:!0})};
