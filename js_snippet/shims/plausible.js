/** `plausible(name, {props, revenue})`: custom events, with revenue as value and currency. */
starts.push(() => {
  if (isThere('plausible')) return;
  const queue = [...(window.plausible?.q || [])].map((args) => ['call', ...args]);
  answer(queue, {
    call(name, { props, revenue, callback } = /** @type {any} */ ({})) {
      const { amount, currency } = revenue || {};
      if (name == 'pageview') tellPage(props);
      else call('event', name, { ...props, value: amount && +amount, currency });
      callback?.({ status: 202 });
    },
  });
  window.plausible = (...args) => queue.push(['call', ...args]);
});
