/**
 * A cookie that needs no answer ends with a refusal at once, though it is the first answer: what was sent
 * before left as if granted, and so it is told as one that changed.
 */
{
  const { consent: declare } = commands;
  commands.consent = (at, purposes, about) => {
    if (purposes.analytics_storage == 'denied' && told?.analytics_storage == 'unset') {
      told = { ...told, analytics_storage: 'granted' };
    }
    declare(at, purposes, about);
  };
}
