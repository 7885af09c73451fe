/**
 * Links to the brand's other domains take the visitor along, as `_fh` in the query. The token is asked for
 * when the pointer or the focus comes to such a link, and is on it only while it is clicked: what is copied
 * has none. Nothing waits for it: a link that is faster goes without. 1: it is on its way, or there is none
 * for this minute.
 */
let token = /** @type {any} */ (0);

touches += ' pointerover pointerdown focusin';

/** First, and alone for what is no click. */
counters.unshift((url, props, link, { type }) => {
  const isClick = /click/.test(type), { href } = link;
  if (allowed() && url.host != location.host && RegExp(config.links).test(url.hostname)) {
    if (isClick && token?.[0]) {
      url.search = '_fh=' + token + url.search.replace('?', '&');
      link.href = url;
      token = 0;
      setTimeout(() => link.href == url && (link.href = href));
    } else if (!token) {
      token = 1;
      setTimeout(() => (token = 0), 6e4);
      fetch(new URL(config.link, target), { method: 'POST', credentials: 'include' })
        .then((answer) => answer.ok && answer.text())
        .then((text) => (token = text || 1), () => {});
    }
  }
  return !isClick;
});

/** Who came by such a link: hits say so where `c` is 1, for a minute; the address does no more. */
{
  let came;
  const url = location.href.replace(/([?&])_fh=([^&#]*)(&?)/, (all, before, value, after) => {
    came = value;
    return after && before;
  });
  if (came) {
    const say = (told) => {
      for (const answer in cookie) cookie[answer] = told;
    };
    say('1&l=' + came + '.' + newId());
    setTimeout(say, 6e4, 1);
    try {
      history.replaceState(history.state, '', url);
    } catch {}
  }
}
