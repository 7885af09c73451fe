/**
 * A UUIDv7: what is made later sorts later, so that the store compresses ids well. Without
 * `crypto` (very old web views) it stays with `Math.random`.
 * @returns {string}
 */
function newId() {
  const random = new Uint8Array(36).map(() => Math.random() * 256);
  try {
    crypto.getRandomValues(random);
  } catch {}
  return Date.now().toString(16).padStart(12, '0')
    .replace(/....$/, '-$&-7xxx-8xxx-xxxxxxxxxxxx')
    .replace(/x/g, (x, at) => (random[at] & 15).toString(16));
}
