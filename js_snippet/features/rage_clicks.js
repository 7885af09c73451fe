/**
 * Clicks of somebody who is stuck: `rage_click`, three within a second at one place, and
 * `dead_click`, on something that looks as if it did something and does nothing for a second.
 */
const LIVELY = 'a,button,input,select,textarea,label,summary,video,audio,[contenteditable]';
const TEMPTING = 'button,[role=button],input[type=submit],input[type=button],a:not([target])';

starts.push(() => {
  let clicks = [], livedAt = 0;
  const tell = (name, node) => call('event', name, described(node));
  const live = () => (livedAt = performance.now());

  /** After a second without a change, a scroll, the focus or another page. */
  const watch = (node) => {
    const address = location.href, from = performance.now();
    const changes = new MutationObserver(live);
    changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    setTimeout(() => {
      changes.disconnect();
      if (livedAt < from && address == location.href) tell('dead_click', node);
    }, 1e3);
  };

  on('scroll focusin input submit pagehide blur hashchange popstate', live);
  on('click', (event) => {
    const { clientX: x, clientY: y, timeStamp: at } = event;
    const [target] = event.composedPath();
    if (event.detail) {
      clicks = clicks.filter((one) => at - one.at < 1e3 && Math.hypot(one.x - x, one.y - y) < 30);
      clicks.push({ x, y, at });
      if (clicks.length == 3) tell('rage_click', target.closest(LIVELY) || target);
    }
    const node = target.closest(TEMPTING);
    if (node && !node.download && !node.disabled) watch(node);
  });
});
