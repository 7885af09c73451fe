B.push(({host:e,hostname:t},i)=>{if(e!=location.host)c("event","click",{outbound:!0,link_domain:t,...i})});
