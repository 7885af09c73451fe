/** Global Privacy Control: what the visitor has told their browser, whatever the page says. */
if (navigator.globalPrivacyControl) {
  const { consent: declare } = commands;
  commands.consent = (at, purposes, about) => declare(at, { ...purposes, ...config.gpc }, about);
  consent = { source: 'gpc', purposes: { ...consent.purposes, ...config.gpc } };
}
