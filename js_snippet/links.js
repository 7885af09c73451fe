/** What looks at a clicked link, in turn, until one of them counts it. */
const counters = [];

/** What a link is used by; `auxclick` is the middle button. */
let touches = 'click auxclick';

/** The link that a click goes to, as the properties that GA4 gives it; its query may be personal. */
const clicked = (event) => {
  const link = event.composedPath().find((node) => /^a(rea)?$/.test(node.localName) && node.href);
  if (!link || event.button > 1) return;
  const url = new URL(link.href.baseVal ?? link.href, document.baseURI);
  if (!/^http/.test(url.protocol)) return;
  const props = {
    link_url: url.origin + url.pathname,
    link_text: words(link),
    link_id: attribute(link, 'id'),
    link_classes: attribute(link, 'class'),
  };
  counters.some((count) => count(url, props, link, event));
};

starts.push(() => on(touches, clicked));
