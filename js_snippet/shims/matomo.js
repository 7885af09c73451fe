/** Matomo's `_paq`, in GA4's words; a cart is what was added since the last order. */
starts.push(() => {
  if (window.Matomo || isThere('matomo.js') || isThere('piwik.js')) return;
  const lines = {};
  const line = (item_id, item_name, category, price, quantity) => ({
    item_id, item_name, item_category: [category].flat()[0], price, quantity
  });
  const clear = () => Object.keys(lines).forEach((id) => delete lines[id]);
  answer((window._paq = window._paq || []), {
    trackPageView: (title) => tellPage({}, { title: title || document.title }),
    trackEvent: (event_category, action, event_label, value) =>
      call('event', action, { event_category, event_label, value }),
    trackSiteSearch: (search_term, search_category, search_results) =>
      call('event', 'view_search_results', { search_term, search_category, search_results }),
    trackGoal: (goal_id, value) => call('event', 'goal', { goal_id: '' + goal_id, value }),
    setUserId: (id) => call('user', { ...user, id: '' + id }),
    resetUserId: () => call('user', { ...user, id: undefined }),
    optUserOut: () => call('optOut'),
    setEcommerceView: (id, name, category, price) =>
      id && call('event', 'view_item', { value: price }, { items: [line(id, name, category, price)] }),
    addEcommerceItem: (id, ...rest) => (lines[id] = line(id, ...rest)),
    removeEcommerceItem: (id) => delete lines[id],
    clearEcommerceCart: clear,
    trackEcommerceCartUpdate: (value) =>
      call('event', 'cart_update', { value }, { items: Object.values(lines) }),
    trackEcommerceOrder(id, value, _, tax, shipping, discount) {
      const props = { transaction_id: '' + id, value, tax, shipping, discount: discount || undefined };
      call('event', 'purchase', props, { items: Object.values(lines) });
      clear();
    },
  });
});
