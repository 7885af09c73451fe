/* What this page sent: the list at its foot, of what the shop said, what the tag made of it, and each hit. */

/** What is not shown yet. */
const lines = [];

/** Adds a line to the list at the foot of the page, the newest first. */
function log(kind, text) {
  lines.push([new Date().toLocaleTimeString('en-GB'), kind, text]);
  showLog();
}

/** Only while somebody looks at it: else the page changes with nobody's doing. */
function showLog() {
  if (!one('.sent')?.open) return;
  for (const [at, kind, text] of lines.splice(0)) {
    const line = document.createElement('li');
    const time = document.createElement('time');
    const what = document.createElement('span');
    time.textContent = at;
    what.className = kind;
    what.textContent = text;
    line.append(time, what);
    one('[data-log]').prepend(line);
  }
}

/* The tag tells the page of every event that it takes; before it is there, nothing is sent. */
addEventListener('freehold', ({ detail: { name, id } }) => log('event', `${name}  ${id}`));

/** Shows what the browser itself measured of each hit. */
function watchHits() {
  new PerformanceObserver((list) => {
    for (const { name, responseStatus, duration } of list.getEntries()) {
      const { pathname, search } = new URL(name);
      if (!pathname.endsWith('/hit')) continue;
      const answer = responseStatus ? `${responseStatus} in ${Math.round(duration)} ms` : 'no answer';
      log(responseStatus == 204 ? 'hit' : 'failed', `POST ${pathname}${search} → ${answer}`);
    }
  }).observe({ type: 'resource', buffered: true });
}

document.addEventListener('DOMContentLoaded', () => {
  one('.sent').addEventListener('toggle', showLog);
  watchHits();
});
