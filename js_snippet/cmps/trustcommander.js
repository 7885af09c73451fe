/** Commanders Act's TrustCommander: the ids of its categories are the site's; or all or nothing. */
starts.push(() => {
  const words = { on: true, off: false, 'all-on': true, 'all-off': false };
  const read = ({ consent: { status, categories } }) => {
    if (status == 'unset') return;
    const choice = (id) => words[id == 'all' ? status : categories[id]?.status];
    declare('trustcommander', choice, { all: [...ANALYTICS, ...ADS] });
  };
  find(() => window.cact, (cact) => {
    cact('consent.get', read);
    cact('consent.onUpdate', read);
  });
});
