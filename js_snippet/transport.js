/** Requests without an answer: one at a time, so that a new visitor gets one cookie. */
let flying = 0,
  /** Until when the collector asked us to wait, or its silence did. */
  resume = 0,
  /** The page is hidden: it may never come back, so nothing unsent is held back any more. */
  leaving = /** @type {any} */ (0),
  /** The page is gone, or in the back-forward cache: the next page may have its outbox. */
  gone,
  timer;

/**
 * Sends what is due, and looks again in a second while something is left. Storage gets what cannot
 * go at once or has no answer after a second, and all of it when the page is left: the last ones
 * first, for which there may be no room in what the browser sends for a page that is gone.
 */
const flush = () => {
  if (held > leaving) return;
  for (const box of boxes) {
    if (leaving && !box.tries || !flying && Math.max(box.due, resume) <= Date.now()) send(box);
  }
  for (const box of [...boxes].reverse()) {
    if (gone || box._keep < (leaving ? 1 / 0 : Date.now())) keep(box);
  }
  if (foreign || boxes[0]) timer = timer || setTimeout(adopt, 1e3);
};

/**
 * A request to the collector: what it answers, or 204 if a browser without `fetch` takes it. What would find
 * no room in the 64 KiB of requests that outlive their page goes as one that does not.
 */
let post = (choice, hit) => {
  const url = target + '?c=' + choice, body = stringify(hit);
  return window.fetch ? fetch(url, {
    method: 'POST',
    body,
    keepalive: flying * body.length < 65e3,
    credentials: 'include',
    signal: AbortSignal.timeout?.(2e4)
  }) : { status: navigator.sendBeacon(url, body) && 204 };
};

/** Sends one hit; the consent that it first left with stays with its resends. */
let send = async (box) => {
  const { hit } = box;
  let answer;
  flying++;
  try {
    for (const event of hit.events) event.try = box.tries;
    if (!hit.consent) told = (hit.consent = consent).purposes;
    box.due = 2e4 + (hit.sent_at = Date.now());
    box._keep = box.tries++ ? 0 : hit.sent_at + 900;
    answer = await post(allowed() ? allowed(hit.consent) : refused, hit);
  } catch {}
  flying--;
  settle(box, answer);
};

/** Forgets what is done with; the rest waits as told, or twice as long as before. */
const settle = (box, { status, headers } = /** @type {any} */ ({})) => {
  if (/204|4(?!08|29)../.test(status)) {
    boxes.splice(boxes.indexOf(box) >>> 0, 1);
    resume = 0;
  } else {
    const pause = Math.min(500 * 2 ** box.tries, 6e4) * (1 - Math.random() / 2);
    const asked = headers?.get('Retry-After') * 1e3 || 0;
    box.due = Date.now() + Math.max(pause, Math.min(asked, 36e5));
    resume = Math.max(resume, box.due);
  }
  keep(box);
  flush();
};

for (const type of ['visibilitychange', 'pagehide']) {
  addEventListener(type, () => {
    gone = type == 'pagehide' || gone && document.hidden;
    leaving = gone || document.hidden;
    document.prerendering || start();
    flush();
  });
}
