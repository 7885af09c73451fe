H.push(({host:e,hostname:i},t)=>{if(e!=location.host)l("event","click",{outbound:!0,link_domain:i,...t})});
