/** Replaces the queue by the tag, once: a second tag.js finds a function without a queue and stops. */
function start() {
  const { q } = window.freehold || {};
  if (window.freehold?.call && !q) return;
  window.freehold = call;
  starts.forEach((start) => start());
  if (q) {
    q.push = run;
    q.forEach(run);
  }
  queueMicrotask(adopt);
}

/** A prerendered page counts when it is shown. */
document.prerendering ? document.addEventListener('prerenderingchange', start) : start();
