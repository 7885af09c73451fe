/**
 * Single-page applications: a page view when the address is another one than at the last page view.
 * It waits a moment, so that the page can set its title and redirect, but not longer than until the
 * next event, which belongs to the new page, or until the page is left.
 */
starts.push(() => {
  const { event } = commands;
  const look = () => {
    if (lastUrl != location.href) call('page');
  };
  const wait = () => setTimeout(look, 100);

  lastUrl = lastUrl || location.href;
  addEventListener('pagehide', look);
  commands.event = (...args) => {
    look();
    event(...args);
  };

  // The Navigation API (2026; Chromium since 2022) sees every change and touches nothing.
  if (window.navigation?.currentEntry) {
    navigation.addEventListener('currententrychange', wait);
    return;
  }
  addEventListener('popstate', wait);
  addEventListener('hashchange', wait);
  for (const name of ['pushState', 'replaceState']) {
    const original = history[name];
    history[name] = function () {
      wait();
      return original.apply(this, arguments);
    };
  }
});
