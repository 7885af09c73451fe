/**
 * What the container lets run in the page. Each event waits until the page is loaded and idle; then
 * a tag's triggers are asked, with patterns and bounds that the server made of them, and a tag that
 * fires goes on waiting for the consent that it needs.
 *
 * @typedef {[root: number, key: string, pattern: string, instead: string]} Look
 * @typedef {[look: Look, pattern: string, flags: string, not?: 0|1, low?: number, high?: number]} Check
 */
{
  const { nonce } = /** @type {any} */ (document.currentScript);
  const counts = {};

  /**
   * The tags of config.page_tags, each with an event and its page.
   * @type {any[][]}
   */
  const waiting = [];

  /** What is looked at now: event, props, page, consent, purposes. */
  let scope;

  /** @param {Look} look */
  const read = ([root, key, pattern, instead]) => {
    const found = scope[root]?.[key] ?? '';
    return (found.trim ? found : stringify(found)).replace(RegExp(pattern), '$1$2') || instead;
  };

  /** @param {Check} check */
  const holds = ([look, pattern, flags, not, low, high]) => {
    const text = read(look).slice(0, 2048);
    return !(text && RegExp(pattern, flags).test(text) && !(text < low || text > high)) != !not;
  };
  const all = (checks) => checks.every(holds);

  /** A value of which only letters and digits stay as they are: it cannot leave what it stands in. */
  const written = (look) => look
    ? encodeURIComponent(read(look))
      .replace(/[^\w%]/g, (char) => '%' + char.charCodeAt(0).toString(16))
    : nonce;

  const run = () => {
    for (const job of config.page_tags && waiting.splice(0)) {
      try {
        const [parts, fires, needs, times, ofSession, name, event, its] = job;
        scope = [event, event.props, its, consent, consent.purposes];
        if (!fires.some(all)) continue;
        if (all(needs)) {
          const lasts = ofSession && allowed();
          const store = lasts ? sessionStorage : counts;
          const key = config.key + name + (lasts ? 1 : its.id);
          if ((store[key] = -~store[key]) > times) continue;
          const html = parts.map((part, at) => at % 2 ? written(part) : part).join('');
          const made = document.createRange().createContextualFragment(html);
          document.body.append(made);
        } else waiting[999] || waiting.push(job);
      } catch {}
    }
  };

  const plan = () => document.readyState == 'complete'
    ? (window.requestIdleCallback || setTimeout)(run)
    : addEventListener('load', plan);

  /** The event that was made last, if it has not been answered yet. */
  const newest = () => boxes[boxes.length - 1]?.hit.events.slice(-1)[0];

  for (const name of ['event', 'consent']) {
    const before = commands[name];
    commands[name] = (...args) => {
      const last = newest();
      before(...args);
      const made = newest();
      if (made && made != last) {
        for (const tag of config.page_tags) waiting.push([...tag, made, page]);
      }
      plan();
      if (refused && !allowed()) {
        for (const tag of config.page_tags) delete sessionStorage[config.key + tag[5] + 1];
      }
    };
  }
}
