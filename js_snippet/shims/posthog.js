/** `posthog.capture` and `posthog.identify`; what PostHog names with a `$` is its own, but the page view. */
starts.push(() => {
  const queue = (window.posthog = window.posthog || []);
  if (!Array.isArray(queue) || isThere('/array.js')) return;
  const methods = {
    capture(name, props) {
      if (name == '$pageview') tellPage(props);
      else if (name[0] != '$') call('event', name, props);
    },
    identify: (id, { email } = /** @type {any} */ ({})) => call('user', { ...user, id, email }),
    reset: () => call('user'),
    opt_out_capturing: () => call('optOut'),
  };
  answer(queue, methods);
  for (const name in methods) queue[name] = (...args) => queue.push([name, ...args]);
});
