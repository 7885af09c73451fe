/**
 * Events that the page's own HTML declares: `data-fh-event` is the name, every other `data-fh-…` a
 * prop, and with an `item_id` they are an item too; a form's when it is submitted, all else's when it
 * is clicked. And clicks on what a container selects: `clicks: {name: "css selector"}`.
 */
function declared({ dataset }) {
  const all = /** @type {any} */ ({});
  for (const key in dataset) {
    if (!/^fh[A-Z]/.test(key)) continue;
    all[key.slice(2).replace(/\B[A-Z]/g, '_$&').toLowerCase()] = dataset[key].slice(0, 1000);
  }
  const { event, ...props } = all;
  call('event', event, props, { items: props.item_id && [props] });
}

/** What an element is, in GA4's words for links. */
function described(node) {
  return {
    element: node.localName,
    element_id: node.getAttribute('id') || undefined,
    element_classes: node.getAttribute('class') || undefined,
    element_text: node.textContent.replace(/\s+/g, ' ').trim().slice(0, 100) || undefined,
  };
}

starts.push(() => {
  const selected = Object.entries(config.clicks || {});
  const find = (event, test) => event.composedPath().find((node) => node.dataset && test(node));
  addEventListener('click', (event) => {
    try {
      const named = find(event, (node) => node.dataset.fhEvent && node.localName != 'form');
      if (named) declared(named);
    } catch {}
    for (const [name, selector] of selected) {
      try { // a selector that this browser cannot read keeps no other one from being asked
        const node = find(event, (node) => node.matches(selector));
        if (node) call('event', name, described(node));
      } catch {}
    }
  }, true);
  addEventListener('submit', (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.dataset?.fhEvent) declared(form);
  }, true);
});
