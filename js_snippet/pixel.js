/**
 * The last resort: where a page may ask for images alone, a hit is the address of one. The collector
 * answers with the image once it is done with the hit, so that `load` is its answer; everything else is none.
 */
{
  const request = post, dispatch = send;

  /** Whether there is no other way on this page. */
  let only = !window.fetch && !navigator.sendBeacon;

  /** A hit as base64url; none when an address does not hold it: a line of 8 KB is what proxies take. */
  const encode = (hit, most = 7e3) => {
    const text = btoa(unescape(encodeURIComponent(stringify({ consent, sent_at: Date.now(), ...hit }))));
    return text[most] ? '' : text.replace(/\+/g, '-').replace(/\//g, '_');
  };

  const show = (choice, text) => new Promise((done) => {
    setTimeout(done, 2e4);
    Object.assign(new Image(), {
      crossOrigin: 'use-credentials',
      onload: () => done({ status: 204 }),
      onerror: () => done(),
      src: target + '.gif?c=' + choice + '&hit=' + text,
    });
  });

  /** The policy's word comes after the request's failure. A beacon that it forbids looks like any other. */
  post = async (choice, hit) => {
    let answer;
    if (!only) {
      try {
        answer = await request(choice, hit);
      } catch {}
      if (window.fetch && answer) return answer;
      await new Promise((done) => setTimeout(done, 50));
      if (!only && (window.fetch || answer?.status)) return answer;
    }
    // Somebody may have opted out meanwhile.
    if (choice < 3 && !boxes[0]) return;
    // Nobody opts in by an image: other sites could show one.
    answer = choice != 4 && encode(hit) && await show(choice, encode(hit));
    // What some proxy never lets through holds up nothing else.
    answer || boxes.sort((one, other) => one.tries - other.tries);
    return answer;
  };

  /** What is too long goes in parts; one event that is too long waits for a page that may send. */
  send = (box) => {
    if (only && gone) return;
    while (only && !encode(box.hit, 65e2)) {
      const { key, hit } = box;
      if (!hit.events[1]) {
        hit.consent = hit.consent || consent; // nothing joins it
        return void (box.due = Date.now() + 6e4);
      }
      const events = hit.events.splice(hit.events.length / 2);
      // A page of its own, so that page tags do not take its events for new ones.
      const rest = { ...box, key: key + '.' + events.length, _keep: 0, hit: { ...hit, page: { ...hit.page }, events } };
      boxes.splice(boxes.indexOf(box) + 1, 0, rest);
    }
    return dispatch(box);
  };

  /** An image does not outlive its page: what has no answer is the next one's, before it is stored for it. */
  addEventListener('pagehide', () => {
    for (const box of boxes) box.due = only ? 0 : box.due;
  }, true);

  addEventListener('securitypolicyviolation', ({ blockedURI, disposition, effectiveDirective }) => {
    only = only || disposition == 'enforce' && effectiveDirective == 'connect-src'
      && [target.origin, target.href].includes(blockedURI.split('?')[0]);
  });
}
