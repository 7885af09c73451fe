W.push(({host:e,hostname:t},n)=>{e!=location.host&&d("event","click",{outbound:!0,link_domain:t,...n})});
