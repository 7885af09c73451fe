/** Requests without an answer: one at a time, so that a new visitor gets one cookie. */
let flying = 0,
  /** Until when the collector asked us to wait, or its silence did. */
  resume = 0,
  /** The page is hidden: it may never come back, so nothing unsent is held back any more. */
  leaving,
  /** The page is gone, or in the back-forward cache: the next page may have its outbox. */
  gone,
  timer;

/** Sends what is due, and looks again in a second while something is left. */
function flush() {
  if (held > (leaving ? 1 : 0)) return;
  for (const box of [...boxes]) {
    if (leaving && !box.tries || !flying && Math.max(box.due, resume) <= Date.now()) send(box);
    if (gone || !box.kept) keep(box);
  }
  clearTimeout(timer);
  if (foreign || boxes[0]) timer = setTimeout(adopt, 1e3);
}

/** Sends one hit; the consent that it first left with stays with its resends. */
async function send(box) {
  const { hit } = box;
  let status, after;
  flying++;
  try {
    for (const event of hit.events) event.try = box.tries;
    box.tries++;
    if (!hit.consent) told = (hit.consent = consent).purposes;
    box.due = 2e4 + (hit.sent_at = Date.now());
    keep(box);
    const url = target + '?c=' + (allowed() ? allowed(hit.consent) : refused);
    const body = stringify(hit);
    if (window.fetch) {
      const answer = await fetch(url, {
        method: 'POST',
        body,
        keepalive: leaving || box.size < 3e4,
        credentials: 'include',
        signal: AbortSignal.timeout?.(2e4)
      });
      status = answer.status;
      after = answer.headers.get('Retry-After');
    } else status = navigator.sendBeacon(url, body) && 204;
  } catch {}
  flying--;
  settle(box, status, after);
}

/** Forgets what is done with; the rest waits as told, or twice as long as before. */
function settle(box, status, after) {
  if (/204|4(?!08|29)../.test(status)) {
    boxes.splice(boxes.indexOf(box) >>> 0, 1);
    resume = 0;
  } else {
    const pause = Math.min(500 * 2 ** box.tries, 6e4) * (1 - Math.random() / 2);
    box.due = Date.now() + Math.max(pause, Math.min(after * 1e3 || 0, 36e5));
    resume = Math.max(resume, box.due);
  }
  keep(box);
  flush();
}

for (const type of ['visibilitychange', 'pagehide']) {
  addEventListener(type, () => {
    leaving = type == 'pagehide' || document.hidden;
    gone = leaving && (gone || type == 'pagehide');
    document.prerendering || start();
    flush();
  });
}
