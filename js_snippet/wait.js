/**
 * Nothing leaves the page before an answer to analytics_storage. What happens waits in memory, with
 * the times of its own; a grant sends it, in order, a refusal drops it, as all that comes after.
 * Only that consent was taken back is still told.
 */
held = 2;
{
  const { event, consent: declare } = commands;
  const isDenied = () => consent.purposes.analytics_storage == 'denied';
  commands.event = (at, name, ...rest) => {
    if (!isDenied() || (told && name == 'consent_update')) event(at, name, ...rest);
  };
  commands.consent = (...args) => {
    declare(...args);
    if (isDenied()) boxes.length = 0;
    held = /granted|denied/.test(consent.purposes.analytics_storage) ? 0 : 2;
  };
}
