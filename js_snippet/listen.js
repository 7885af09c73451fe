/**
 * Listens, before the page's own listeners could stop an event; `types` are one or several, with
 * blanks between. What a listener throws does not reach the page.
 */
const on = (types, listener) => {
  types.split(' ').forEach((type) => addEventListener(type, (event) => {
    try {
      listener(event);
    } catch {}
  }, true));
};
