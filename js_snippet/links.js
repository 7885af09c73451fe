/** What looks at a clicked link, in turn, until one of them counts it. */
const counters = [];

/** The link that a click goes to, as the properties that GA4 gives it; its query may be personal. */
function clicked(event) {
  try {
    const link = event.composedPath().find((node) => /^a(rea)?$/.test(node.localName) && node.href);
    if (!link || event.button > 1) return;
    const url = new URL(link.href.baseVal ?? link.href, document.baseURI);
    if (!/^http/.test(url.protocol)) return;
    const props = {
      link_url: url.origin + url.pathname,
      link_text: link.textContent.replace(/\s+/g, ' ').trim().slice(0, 100),
      link_id: link.id || undefined,
      link_classes: link.getAttribute('class') || undefined,
    };
    counters.some((count) => count(url, props, link, event));
  } catch {}
}

/** What is listened to, before the page's own listeners, which may stop it; `auxclick` is the middle button. */
const touches = ['click', 'auxclick'];
starts.push(() => touches.forEach((type) => addEventListener(type, clicked, true)));
