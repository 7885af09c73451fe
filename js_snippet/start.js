/** Replaces the queue by the tag, once: a second tag.js finds a function without a queue and stops. */
function start() {
  const { q } = window.freehold || {};
  if (typeof window.freehold == 'function' && !q) return;
  window.freehold = (...args) => run([Date.now(), args]);
  starts.forEach((feature) => feature());
  if (q) {
    q.forEach(run);
    q.push = run;
  }
  adopt();
}

/** A prerendered page counts when it is shown. */
if (document.prerendering) document.addEventListener('prerenderingchange', start);
else start();
