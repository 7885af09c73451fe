/**
 * Clicks of somebody who is stuck: `rage_click`, three within a second at one place, and
 * `dead_click`, on something that looks as if it did something and does nothing for a second.
 */
const LIVELY = 'a,button,input,select,textarea,label,summary,video,audio,[contenteditable]';
const TEMPTING = 'button,[role=button],input[type=submit],input[type=button],a:not([target])';

starts.push(() => {
  let clicks = [];
  const about = (node) => ({
    element: node.localName,
    element_id: node.getAttribute('id') || undefined,
    element_classes: node.getAttribute('class') || undefined,
  });
  const rage = ({ clientX: x, clientY: y, timeStamp: at }, target) => {
    clicks = clicks.filter((one) => at - one.at < 1e3 && Math.hypot(one.x - x, one.y - y) < 30);
    clicks.push({ x, y, at });
    if (clicks.length == 3) call('event', 'rage_click', about(target.closest(LIVELY) || target));
  };
  const dead = (node) => {
    const signs = ['scroll', 'focusin', 'input', 'submit', 'pagehide', 'blur', 'hashchange', 'popstate'];
    const address = location.href;
    let isAlive = 0;
    const live = () => (isAlive = 1);
    const changes = new MutationObserver(live);
    changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    signs.forEach((sign) => addEventListener(sign, live, { capture: true, once: true }));
    setTimeout(() => {
      changes.disconnect();
      signs.forEach((sign) => removeEventListener(sign, live, true));
      if (!isAlive && address == location.href) call('event', 'dead_click', about(node));
    }, 1e3);
  };
  addEventListener('click', (event) => {
    try {
      const target = /** @type {any} */ (event.composedPath()[0]);
      if (event.detail) rage(event, target);
      const node = target.closest(TEMPTING);
      if (node && !node.download && !node.disabled) dead(node);
    } catch {}
  }, true);
});
