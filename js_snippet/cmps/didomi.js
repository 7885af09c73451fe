/** Didomi: its purposes, of which the usual ones are those of the TCF. */
starts.push(() => {
  const read = () => {
    const { Didomi } = window;
    if (Didomi.isUserConsentStatusPartial()) return;
    const { purposes } = Didomi.getCurrentUserStatus();
    declare('didomi', (id) => purposes[id]?.enabled, {
      cookies: ['ad_storage', 'ad_user_data', ...ANALYTICS],
      measure_ad_performance: ['ad_user_data'],
      create_ads_profile: ['ad_personalization'],
      select_personalized_ads: ['ad_personalization'],
      measure_content_performance: ANALYTICS,
    });
  };
  (window.didomiOnReady = window.didomiOnReady || []).push(read);
  (window.didomiEventListeners = window.didomiEventListeners || [])
    .push({ event: 'consent.changed', listener: read });
});
