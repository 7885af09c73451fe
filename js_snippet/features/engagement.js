/**
 * How long the page was looked at, visible and in focus: every event tells the time since the last
 * one that did, as `engagement_time_msec`; what remains goes as `user_engagement` when it is left.
 */
let looked = 0,
  lookedFrom = 0,
  /** The time zone's name: a browser takes tens of ms to find it, so it does when all is quiet. */
  tz;

/** Adds the time up to now, if somebody was looking. */
const look = () => {
  const now = performance.now();
  if (lookedFrom) looked += now - lookedFrom;
  lookedFrom = document.hidden || !document.hasFocus() ? 0 : now;
};

{
  const { event } = commands;
  commands.event = (at, name, props, more) => {
    look();
    const engagement_time_msec = Math.round(looked) || undefined;
    looked = 0;
    if (page) page.tz = tz;
    event(at, name, { engagement_time_msec, ...props }, more);
  };
}

starts.push(() => {
  look();
  setTimeout(() => {
    try {
      tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
    } catch {}
  }, 3e3);
  on('focus blur pageshow', look);
  on('visibilitychange pagehide', ({ type }) => {
    look();
    if ((document.hidden || type == 'pagehide') && looked > 999) call('event', 'user_engagement');
  });
});
