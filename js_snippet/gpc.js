/** Global Privacy Control: what the visitor has told their browser, whatever the page says. */
if (navigator.globalPrivacyControl) {
  const { consent: declare } = commands;
  commands.consent = (at, purposes, about) => declare(at, { ...purposes, ...config.gpc }, about);
  Object.assign(consent.purposes, config.gpc);
  consent.source = 'gpc';
}
