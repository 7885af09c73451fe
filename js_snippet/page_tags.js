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

  /** The last event that was heard of; and the job whose code runs now, whose events are not for its own tag. */
  let last,
    now = /** @type {any} */ (0);

  /**
   * A tag of config.page_tags, an event and its page, each; by name, how often what has run on this page.
   * @type {any}
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

  /** A value, of which no quote, bracket or space stays: it cannot leave what it stands in. */
  const written = (look) => look
    ? encodeURIComponent(read(look)).replace(/[!~'()]/g, escape)
    : nonce;

  const run = () => {
    for (now of config.page_tags && waiting.splice(0)) {
      if (!config.page_tags) break; // what ran just now may have opted out
      try {
        const [[parts, fires, needs, times, span, name], event, its] = now;
        scope = [event, event.props, its, consent, consent.purposes];
        if (fires.some(all)) {
          if (all(needs)) {
            // A count is ms of its last use × 2,000 + times; a session ends half an hour after that.
            const store = span && allowed() ? localStorage : waiting;
            const key = prefix + name + (span ? 1 : its.id);
            const count = (Date.now() - store[key] / 2e3) * span < 18e5 ? store[key] % 2e3 : 0;
            store[key] = Date.now() * 2e3 + count + +(count < times);
            if (count < times && (now[0]._runs = -~now[0]._runs) < 501) {
              document.body.append(document.createRange().createContextualFragment(
                parts.map((part, at) => at % 2 ? written(part) : part).join('')
              ));
            }
          } else waiting[999] || waiting.push(now);
        }
      } catch {}
    }
    now = 0;
  };

  const plan = () => document.readyState == 'complete'
    ? (window.requestIdleCallback || setTimeout)(run)
    : addEventListener('load', plan);

  const { consent: declare } = commands;
  commands.consent = (...args) => {
    declare(...args);
    plan();
  };

  // All that are new: a listener of the page's that was asked before may have made more.
  addEventListener('freehold', () => {
    for (const { hit } of boxes) {
      if (hit.page == page) {
        for (last of hit.events.slice(hit.events.indexOf(last) + 1)) {
          for (const tag of config.page_tags) tag == now[0] || waiting.push([tag, last, page]);
        }
      }
    }
    plan();
  });
}
