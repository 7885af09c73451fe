let P=()=>{let e,t=(2**48+Date.now()).toString(16);try{e=crypto.randomUUID().slice(15)}catch{e="xxx-8xxx-xxxxxxxxxxxx".replace(/x/g,()=>10*Math.random()|0)}return t.slice(1,9)+"-"+t.slice(9)+"-7"+e};
