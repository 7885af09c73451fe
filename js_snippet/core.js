/** Where hits go: beside the script itself, whatever host and path prefix it was fetched from. */
const target = new URL(config.hit, /** @type {any} */ (document.currentScript).src);

/** What starts when the page is really shown; features add theirs. */
const starts = [];

let page, user, lastUrl;
let referrer = document.referrer;

/** One page view's identity and surroundings; `seq` counts its hits. */
const newPage = () => {
  page = {
    id: newId(),
    seq: 0,
    lang: navigator.language,
    screen: screen.width + 'x' + screen.height,
    viewport: innerWidth + 'x' + innerHeight,
  };
};

/**
 * The hit that takes `size` more bytes: the last one if it belongs to this page, has no consent of
 * its own yet and is not full. Two full ones fit into the 64 KiB that keepalive requests share: one going, one coming.
 */
const openBox = (size) => {
  let box = boxes[boxes.length - 1];
  if (!box || box.hit.consent || box.hit.page != page || box.hit.events[99] || box._size + size > 3e4) {
    page = { ...page, seq: page.seq + 1, browser_seq: count() };
    const hit = { v: 1, page, events: [] };
    box = { key: prefix + page.id + page.seq, due: 0, tries: 0, _size: 0, hit };
    boxes.push(box);
  }
  box._size += size;
  box._keep = 0;
  return box;
};

/**
 * What may be called: `freehold(name, …)`; `at` is when it was called. Half a character, which JSON
 * writes as `\ud…`, would spoil the whole hit. The page hears of each event, and of the id that partners get.
 */
const commands = {
  event(at, name, props, more) {
    page || newPage();
    const id = more?.id || newId();
    const text = stringify({
      name, at, url: location.href, referrer, title: document.title, props, user, ...more, id
    }).replace(/\\ud[8-f]\w\w/g, '\\ufffd');
    const size = new TextEncoder().encode(text).length;
    if (size > 58e3 || boxes[99]) return;
    openBox(size).hit.events.push(parse(text));
    (leaving ? queueMicrotask : setTimeout)(flush);
    dispatchEvent(new CustomEvent('freehold', { detail: { name, id: props?.event_id || id } }));
  },

  page(at, props, more) {
    if (lastUrl != location.href) referrer = lastUrl || referrer;
    lastUrl = location.href;
    newPage();
    commands.event(at, 'page_view', props, more);
  },

  consent(at, purposes, about) {
    if (allowed()) refused = 2;
    else if (told) for (const { hit } of boxes) hit.consent = hit.consent || consent;
    consent = { source: 'api', ...about, purposes: { ...consent.purposes, ...purposes } };
    queueMicrotask(adopt);
  },

  user(at, person) {
    user = person;
  },
};

/**
 * `freehold(…)` once the tag is there.
 * @type {any}
 */
const call = (...args) => run([Date.now(), args]);

/**
 * Runs a call, now or from the queue; a wrong call must not hurt the page.
 * @param {any[]} call  its time, and its arguments
 */
const run = ([at, [name, ...rest]]) => {
  try {
    commands[name](at, ...rest);
  } catch {}
};
