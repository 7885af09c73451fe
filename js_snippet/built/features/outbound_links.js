N.push(({host:e,hostname:t},n)=>{e!=location.host&&P("event","click",{outbound:!0,link_domain:t,...n})});
