R.push(({host:e,hostname:t},n)=>{e!=location.host&&T("event","click",{outbound:!0,link_domain:t,...n})});
