/**
 * IAB's TCF 2.2 and 2.3, in Google's mapping of its purposes; Google leaves analytics out: it needs
 * storage (1) and measuring of content (8). Where GDPR does not apply, nothing has to be asked.
 */
starts.push(() => {
  const read = (data, isRight) => {
    if (!isRight || !/^(tcloaded|useractioncomplete)$/.test(data.eventStatus)) return;
    const given = data.purpose?.consents || {};
    const all = (...ids) =>
      data.gdprApplies === false || ids.every((id) => given[id]) ? 'granted' : 'denied';
    call('consent', {
      ad_storage: all(1),
      ad_user_data: all(1, 7),
      ad_personalization: all(3, 4),
      analytics_storage: all(1, 8),
    }, {
      source: 'tcf:' + data.cmpId,
      version: '' + data.tcfPolicyVersion,
      string: data.tcString?.slice(0, 8192),
    });
  };
  find(() => window.__tcfapi, (api) => api('addEventListener', 2, read));
});
