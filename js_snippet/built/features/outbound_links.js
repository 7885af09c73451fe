Z.push(({host:e,hostname:t},n)=>{e!=location.host&&$("event","click",{outbound:!0,link_domain:t,...n})});
