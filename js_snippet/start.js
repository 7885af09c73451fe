/**
 * Replaces the queue by the tag, once: a second tag.js finds a function without a queue and stops.
 * A feature that cannot start on a page takes no other one along.
 */
const start = () => {
  const { q, call: running } = window[config.name] || {};
  if (running && !q) return;
  window[config.name] = call;
  starts.forEach((start) => {
    try {
      start();
    } catch {}
  });
  if (q) {
    Reflect.defineProperty(q, 'push', { value: run }); // even where `Array.prototype` is frozen
    q.forEach(run);
  }
  queueMicrotask(flush);
};

/**
 * After the first paint: it holds up nothing, and what it asks of the layout is known already. At
 * once where nothing is painted; transport.js starts it when the page is left before.
 */
const soon = () => {
  document.hidden ? start() : requestAnimationFrame(() => setTimeout(start));
};

/** A prerendered page counts when it is shown. */
document.prerendering ? document.addEventListener('prerenderingchange', soon) : soon();
