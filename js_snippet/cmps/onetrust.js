/** OneTrust: its groups, `C0002` performance and `C0004` targeting; closing its box is an answer. */
starts.push(() => {
  find(() => window.OneTrust?.OnConsentChanged && window.OneTrust, (cmp) => {
    const read = () => {
      if (!cmp.IsAlertBoxClosed()) return;
      const groups = window.OnetrustActiveGroups.split(',');
      declare('onetrust', (id) => groups.includes(id), { C0002: ANALYTICS, C0004: ADS });
    };
    cmp.OnConsentChanged(read);
    read();
  });
});
