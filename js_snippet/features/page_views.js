/** Counts the page when it is shown, and again when the browser brings it back from its cache. */
starts.push(() => {
  call('page');
  addEventListener('pageshow', ({ persisted }) => persisted && call('page'));
});
