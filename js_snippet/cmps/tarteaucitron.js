/** tarteaucitron: its services, those of Google's Consent Mode among them. */
starts.push(() => {
  readAt(document, ['tac.root_available', 'tac.consent_updated'], () => {
    const { state } = window.tarteaucitron;
    declare('tarteaucitron', (id) => state[id], {
      gtag: ANALYTICS,
      googleads: ADS,
      gcmanalyticsstorage: ANALYTICS,
      gcmadstorage: ['ad_storage'],
      gcmadsuserdata: ['ad_user_data', 'ad_personalization'],
    });
  });
});
