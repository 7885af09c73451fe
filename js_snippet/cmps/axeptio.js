/** Axeptio: its vendors, and what it says in the words of Google's Consent Mode. */
starts.push(() => {
  const read = (choices) => {
    const mode = choices.$$googleConsentMode || {};
    const words = { granted: true, denied: false };
    const usual = { google_analytics: ANALYTICS, google_ads: ADS };
    for (const purpose of [...ANALYTICS, ...ADS]) usual[purpose] = [purpose];
    declare('axeptio', (id) => choices[id] ?? words[mode[id]], usual);
  };
  (window._axcb = window._axcb || []).push((cmp) => cmp.on('cookies:complete', read));
});
