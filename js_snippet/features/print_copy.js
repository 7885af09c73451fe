/** What is taken along: `print`, and `copy` with its length; never what was copied. */
starts.push(() => {
  addEventListener('beforeprint', () => call('event', 'print'));
  addEventListener('copy', () => call('event', 'copy', { length: ('' + getSelection()).length }));
});
