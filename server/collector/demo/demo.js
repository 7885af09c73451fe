/*
 * The demo's own script. A site with a strict Content-Security-Policy loads the tag like this page:
 * a script element for tag.js, and in a file of its own the queue that the pasted snippet makes.
 */
if (!window.freehold) {
  const q = [];
  window.freehold = function () {
    q.push([Date.now(), arguments]);
  };
  window.freehold.q = q;
}

const CUP = { item_id: 'CUP-1', item_name: 'Stoneware cup', price: 24, quantity: 1 };

/** What each button sends: props, and what travels beside them. */
const EVENTS = {
  add_to_cart: () => [{ value: 24, currency: 'EUR' }, { items: [CUP] }],
  generate_lead: () => [{ value: 10, currency: 'EUR', form: 'quote' }],
  add_shipping_info: (button) => [{ shipping_tier: button.dataset.tier, value: 24, currency: 'EUR' }, { items: [CUP] }],
};

document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-send]');
  if (!button) return;
  const name = button.dataset.send;
  freehold('event', name, ...EVENTS[name](button));
  log('call', `freehold('event', '${name}', …)`);
});

/** Adds a line to the list, the newest first. */
function log(kind, text) {
  const line = document.createElement('li');
  const time = document.createElement('time');
  const what = document.createElement('span');
  time.textContent = new Date().toLocaleTimeString('en-GB');
  what.className = kind;
  what.textContent = text;
  line.append(time, what);
  document.querySelector('[data-log]').prepend(line);
}

/** Shows what the browser itself measured of each hit. */
function watchHits() {
  new PerformanceObserver((list) => {
    for (const { name, responseStatus, duration } of list.getEntries()) {
      const { pathname, search } = new URL(name);
      if (!pathname.endsWith('/hit')) continue;
      const answer = responseStatus ? `${responseStatus} in ${Math.round(duration)} ms` : 'no answer';
      log(responseStatus == 204 ? 'hit' : 'failed', `POST ${pathname}${search} → ${answer}`);
    }
  }).observe({ type: 'resource', buffered: true });
}

document.addEventListener('DOMContentLoaded', watchHits);
