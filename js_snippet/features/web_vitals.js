/**
 * How fast the page was for this visitor: `web_vitals` when it is left first, in ms and in Chrome's
 * definitions: the largest paint, the slowest answer to an interaction, the worst second or five of
 * layout shifts (no unit), the first paint, the first byte.
 */
starts.push(() => {
  const vitals = {};
  const delays = {};
  let shifts = 0, shiftedFrom = 0, shiftedAt = 0;
  const observe = (type, read, more) => {
    try {
      new PerformanceObserver((list) => list.getEntries().forEach(read))
        .observe({ type, buffered: true, ...more });
    } catch {}
  };
  observe('navigation', ({ responseStart }) => (vitals.ttfb = Math.round(responseStart)));
  observe('paint', ({ name, startTime }) => {
    if (name == 'first-contentful-paint') vitals.fcp = Math.round(startTime);
  });
  observe('largest-contentful-paint', ({ startTime }) => (vitals.lcp = Math.round(startTime)));
  observe('layout-shift', ({ hadRecentInput, startTime, value }) => {
    if (hadRecentInput) return;
    const goesOn = startTime - shiftedAt < 1e3 && startTime - shiftedFrom < 5e3;
    shifts = goesOn ? shifts + value : value;
    if (!goesOn) shiftedFrom = startTime;
    shiftedAt = startTime;
    vitals.cls = Math.max(vitals.cls || 0, Math.round(shifts * 1e4) / 1e4);
  });
  observe('event', ({ interactionId: id, duration }) => {
    if (id) delays[id] = Math.max(delays[id] || 0, duration);
  }, { durationThreshold: 16 });
  on('visibilitychange pagehide', ({ type }) => {
    if (!document.hidden && type != 'pagehide') return;
    const slowest = Object.values(delays).sort((a, b) => b - a);
    vitals.inp = slowest[Math.floor(slowest.length / 50)];
    if (vitals.ttfb >= 0) call('event', 'web_vitals', vitals);
    vitals.ttfb = undefined;
  });
});
