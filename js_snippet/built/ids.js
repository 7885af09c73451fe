let w=()=>{let e,i=(2**48+Date.now()).toString(16);try{e=crypto.randomUUID().slice(15)}catch{e="xxx-8xxx-xxxxxxxxxxxx".replace(/x/g,()=>10*Math.random()|0)}return i.slice(1,9)+"-"+i.slice(9)+"-7"+e};
