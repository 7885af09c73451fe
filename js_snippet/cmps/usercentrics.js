/** Usercentrics, its API 3 or 2: its categories `functional` and `marketing`. */
starts.push(() => {
  const types = ['UC_UI_INITIALIZED', 'UC_CONSENT', 'UC_UI_CMP_EVENT'];
  readAt(window, types, async () => {
    const third = window.__ucCmp, second = window.UC_UI;
    if (await (third || second).isConsentRequired()) return;
    const { categories } = third ? await third.getConsentDetails() : {};
    const services = third ? [] : second.getServicesBaseInfo();
    declare('usercentrics', (id) => {
      if (third) return categories[id] && categories[id].state == 'ALL_ACCEPTED';
      const own = services.filter((service) => service.categorySlug == id);
      return own[0] && own.every((service) => service.consent.status);
    }, { functional: ANALYTICS, marketing: ADS });
  });
});
