/**
 * JavaScript errors of the page: `exception`, in GA4's words, five different ones a page load. Of
 * addresses the query is left out; what another origin's script hides is not told.
 */
starts.push(() => {
  const told = new Set();
  const tell = (description, script, line) => {
    description = ('' + description).replace(/[?#]\S*/g, '').slice(0, 150);
    const key = description + script + line;
    if (told.size > 4 || told.has(key) || /^Script error/.test(description)) return;
    told.add(key);
    const source = script?.replace(/[?#].*/s, '').slice(0, 200);
    call('event', 'exception', { description, fatal: false, script: source, line });
  };
  on('error', ({ message, filename, lineno }) => message && tell(message, filename, lineno));
  on('unhandledrejection', ({ reason }) => tell(reason?.message ?? reason));
});
