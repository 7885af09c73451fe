/** Cookiebot: its categories `statistics` and `marketing`. */
starts.push(() => {
  const types = ['CookiebotOnConsentReady', 'CookiebotOnAccept', 'CookiebotOnDecline'];
  readAt(window, types, () => {
    const { consent: given, hasResponse } = window.Cookiebot;
    const usual = { statistics: ANALYTICS, marketing: ADS };
    if (hasResponse) declare('cookiebot', (id) => given[id], usual);
  });
});
