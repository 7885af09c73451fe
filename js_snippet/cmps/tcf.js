/**
 * IAB's TCF 2.2 and 2.3, in Google's mapping of its purposes; Google leaves analytics out: it needs
 * storage (1) and measuring of content (8). Beside them goes what was chosen for the vendors that
 * the container's tags send to. Where GDPR does not apply, nothing has to be asked. There is an answer
 * when the status is `tcloaded` or `useractioncomplete`; `cmpuishown` is the third. A vendor that nobody
 * asked about was as ad_storage was: refused after it was granted by somebody else, that is a change.
 */
starts.push(() => {
  const read = (data, isRight) => {
    if (!isRight || !/^(tcl|user)/.test(data.eventStatus)) return;
    let given = data.purpose?.consents || {};
    const all = (...ids) =>
      data.gdprApplies === false || ids.every((id) => given[id]) ? 'granted' : 'denied';
    const purposes = {
      ad_storage: all(1),
      ad_user_data: all(1, 7),
      ad_personalization: all(3, 4),
      analytics_storage: all(1, 8),
    };
    given = data.vendor?.consents || {};
    for (const id of config.vendors || []) {
      const vendor = 'tcf:' + id;
      purposes[vendor] = all(id);
      told = told && { [vendor]: told.ad_storage || 'unset', ...told };
    }
    call('consent', purposes, {
      source: 'tcf:' + data.cmpId,
      version: '' + data.tcfPolicyVersion,
    });
  };
  find(() => window.__tcfapi, (api) => api('addEventListener', 2, read));
});
