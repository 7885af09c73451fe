/**
 * The snippet to paste: it makes `freehold(…)`, or what the container calls it, callable at once and fetches the tag without
 * blocking, with the nonce that a Content-Security-Policy let it in by. `__TAG_URL__` stands for
 * the container's tag.js. Pasted twice, the second does nothing.
 */
(function (w, d, n, u, q, s) {
  try {
    if (typeof w[n] != 'function') {
      w[n] = function () {
        q.push([Date.now(), arguments]);
      };
      w[n].q = q = [];
      s = d.createElement('script');
      s.async = true;
      s.src = u;
      if (d.currentScript) s.nonce = d.currentScript.nonce;
      d.head.appendChild(s);
    }
  } catch (e) {}
})(window, document, __NAME__, __TAG_URL__);
