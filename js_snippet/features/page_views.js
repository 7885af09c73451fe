/** Counts the page when it is shown, and again when the browser brings it back from its cache. */
starts.push(() => {
  const view = () => run([Date.now(), ['page']]);
  view();
  addEventListener('pageshow', (shown) => shown.persisted && view());
});
