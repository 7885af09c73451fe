/**
 * The bridge to `dataLayer`, the list that a site's code, GTM and gtag share: first what it holds,
 * then each push. `{event: …}` and `gtag('event', …)` become events, `gtag('consent', …)` consent,
 * `gtag('set'|'config', …)` a user id. Whatever else stands there is let alone.
 */
const PURPOSES = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'];

/** Keys that steer GTM and gtag, or hold personal data in clear, at any depth. */
const NOT_PROPS = /^(gtm\.|_clear$|user_data$|send_to$|event(C|_c)allback$|event(T|_t)imeout$)/;

/**
 * What each purpose got from the last `default`; an `update` leaves nothing there, nor does a
 * default for some regions: where the visitor is we do not know, so its refusals are for all.
 */
const defaults = {};

/** The name under which an id came first: one id for two different events would lose the second. */
const names = /** @type {any} */ ({ __proto__: null });

/** How many more values of the present event are copied. */
let room;

/** Pushes made while one is being read answer our own announcement; reading them could go round. */
let reading;

/** Events of the past wait until the tag has started, and so for its own page view. */
let say = (...args) => queueMicrotask(() => call(...args));

/** One event, in the words of GA4: `ecommerce` spread out, `items` apart. */
const tell = (name, fields) => {
  if (typeof name != 'string' || /^((gtm|freehold)\.|$)/.test(name)) return;
  const command = name == 'page_view' ? ['page'] : ['event', name];
  if (!command[1] && config.page_views) return;
  room = 5000;
  const { event, event_id, ecommerce, ...rest } = plain(fields, 6) || {};
  const { items, ...props } = { ...rest, ...(kindOf(ecommerce) == 'Object' && ecommerce) };
  const isLine = (item) => kindOf(item) == 'Object';
  const more = { items: Array.isArray(items) ? items.filter(isLine).slice(0, 200) : undefined };
  const id = identifier(event_id);
  if (id) (names[id] = names[id] || name) == name ? (more.id = id) : (props.event_id = id);
  say(...command, props, more);
};

/** The functions of gtag that concern us; an unknown one ends in the caller's `catch`. */
const gtag = {
  __proto__: null,
  event: tell,

  consent(kind, answers) {
    const isUpdate = kind == 'update';
    if (!isUpdate && kind != 'default') return;
    const limited = !isUpdate && answers.region;
    const purposes = {};
    if (!isUpdate && answers.wait_for_update > 0 && !held) {
      held = 1;
      setTimeout(release, Math.min(answers.wait_for_update, 1e4));
    }
    for (const purpose of PURPOSES) {
      const answer = '' + answers[purpose];
      const open = isUpdate || [undefined, 'unset', defaults[purpose]].includes(consent.purposes[purpose]);
      if (open && (answer == 'denied' ? isUpdate || held < 2 : answer == 'granted' && !limited)) {
        purposes[purpose] = answer;
        defaults[purpose] = !isUpdate && !limited && answer;
      }
    }
    if (isUpdate) release();
    if (Object.keys(purposes)[0]) call('consent', purposes, { source: 'gtag' });
  },

  config(id, fields) {
    gtag.set(fields);
  },

  set({ user_id }) {
    const id = identifier(user_id);
    if (id || user_id === null) call('user', { ...user, id });
  },
};

/** Lets hits go that `wait_for_update` held back, but not those that wait for an answer. */
const release = () => {
  held &= 2;
  queueMicrotask(flush);
};

/** An id as the hit body takes it: text of 1 to 512 characters. */
const identifier = (value) => {
  if (/^(string|number)$/.test(typeof value) && /^.{1,512}$/s.test(value)) return '' + value;
};

/** What something is at bottom: `Object`, `Array`, `Arguments`, … */
const kindOf = (value) => {
  return {}.toString.call(value).slice(8, -1);
};

/** A copy of what is plain: text, numbers, true and false, and objects and lists of them. */
const plain = (value, levels) => {
  if (typeof value == 'string') return value.slice(0, 1000);
  if (typeof value == 'boolean' || Number.isFinite(value)) return value;
  if (!levels || !/^(Object|Array)$/.test(kindOf(value))) return;
  const fields = [];
  for (const key of Object.keys(value)) {
    if (room-- < 1) break;
    try {
      const copy = NOT_PROPS.test(key) ? undefined : plain(value[key], levels - 1);
      if (copy !== undefined) fields.push([key, copy]);
    } catch {}
  }
  return Array.isArray(value) ? fields.map(([, copy]) => copy) : Object.fromEntries(fields);
};

/** Each entry by itself: what is wrong with one is not the others' fault. */
const follow = (entries) => {
  for (const key of Object.keys(entries)) {
    try {
      const entry = entries[key];
      if (kindOf(entry) == 'Arguments') {
        const [command, ...rest] = entry;
        gtag[command](...rest);
      } else tell(entry.event, entry);
    } catch {}
  }
};

starts.push(() => {
  const layer = (window.dataLayer = window.dataLayer || []);
  if (!Array.isArray(layer)) return;
  follow(layer);
  say = call;
  tap(layer, (entry) => {
    if (reading) return;
    reading = 1;
    follow([entry]);
    reading = 0;
  });
});
