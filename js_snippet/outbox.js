/**
 * The outbox: hits without an answer yet. They wait in memory and, while `allowed()`, also in
 * localStorage, one key a hit, where a later page finds them. The stored `due` is a lease: until
 * then a hit belongs to the page that wrote it, so that two open tabs do not send it both.
 *
 * @typedef {Object} Box
 * @property {string} key     its name in storage
 * @property {number} due     ms UTC before which it is not sent (again)
 * @property {number} tries   how many times it was sent
 * @property {number} _size   bytes of its events
 * @property {number} [_keep] ms UTC when storage has to have it: later than ever when it has
 * @property {Object} hit     the body, version 1
 */

/** @type {Box[]} */
const boxes = [];

/** Whether storage may have hits of another page; at first nobody has looked. */
let foreign = 1;

/** JSON as it was before other scripts could replace it. */
const { stringify: write, parse } = JSON;

/** A value as JSON, whatever `toJSON` a library gave to all lists or objects, as Prototype 1.6 does. */
const stringify = (value) => {
  const { toJSON } = /** @type {any} */ ([]);
  return write(value, toJSON && function (key, changed) {
    return this[key]?.toJSON == toJSON ? this[key] : changed;
  });
};

/** Names of all that this container has stored, from any tab. */
const storedKeys = () => {
  return Object.keys(localStorage).filter((key) => !key.indexOf(prefix));
};

/** The next number of this browser's hits, in all its tabs; none while nothing may be kept. */
const count = () => {
  try {
    if (allowed()) return (localStorage[prefix + 'n'] = -~localStorage[prefix + 'n']);
  } catch {}
};

/** Deletes one of them. */
const drop = (key) => {
  delete localStorage[key];
};

/** Brings storage up to date; it takes a hit if allowed and 64 KB of the site's quota are enough. */
const keep = (box) => {
  box._keep = 1 / 0;
  try {
    if (allowed() || refused) drop(box.key);
    if (allowed() && boxes.includes(box)) {
      const text = stringify({ ...box, due: Math.max(box.due, gone ? 0 : Date.now() + 6e4) });
      const others = storedKeys().map((key) => localStorage[key]);
      if ((text + others).length < 65e3) localStorage[box.key] = text;
    }
  } catch {}
};

/**
 * Takes over what pages that are gone left behind; a refusal deletes it, unless an answer is awaited. An answer that was sent
 * and then changed is told at once, so that what is queued for partners can stop.
 */
const adopt = () => {
  timer = foreign = 0;
  try {
    if (allowed() || !held && consent.purposes.analytics_storage == 'denied') {
      storedKeys().forEach(allowed() ? claim : drop);
    }
  } catch {}
  for (const purpose in told) {
    if (told[purpose] != 'unset' && told[purpose] != consent.purposes[purpose]) {
      told = consent.purposes;
      call('event', 'consent_update');
    }
  }
  flush();
};

/** Makes one stored hit ours if its lease is over; what is broken or a week old is deleted. */
const claim = (key) => {
  try {
    const box = parse(localStorage[key]);
    if (box > 0 || boxes.some((mine) => mine.key == key)) return;
    if (box.hit.events[0].at < Date.now() - 6048e5) drop(key);
    else if (box.due > Date.now()) foreign = 1;
    else boxes.push(box) && keep(box);
  } catch {
    drop(key);
  }
};
