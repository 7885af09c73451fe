/**
 * Events that the page's own HTML declares: `data-fh-event` is the name, every other `data-fh-…` a
 * prop, and with an `item_id` they are an item too; a form's when it is submitted, all else's when it
 * is clicked. And clicks on what a container selects: `clicks: {name: "css selector"}`.
 */
const declared = ({ dataset }) => {
  const all = /** @type {any} */ ({});
  for (const key in dataset) {
    if (!/^fh[A-Z]/.test(key)) continue;
    all[key.slice(2).replace(/\B[A-Z]/g, '_$&').toLowerCase()] = dataset[key].slice(0, 1000);
  }
  const { event, ...props } = all;
  call('event', event, props, { items: props.item_id && [props] });
};

starts.push(() => {
  const find = (event, test) => event.composedPath().find((node) => node.dataset && test(node));
  on('click', (event) => {
    declared(find(event, (node) => node.dataset.fhEvent && node.localName != 'form'));
  });
  // Each by itself: a selector that this browser cannot read keeps no other one from being asked.
  for (const name in config.clicks) {
    on('click', (event) => {
      const element = find(event, (node) => node.matches(config.clicks[name]));
      call('event', name, { ...described(element), element_text: words(element) || undefined });
    });
  }
  on('submit', ({ target }) => target.dataset.fhEvent && declared(target));
});
