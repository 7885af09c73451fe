/**
 * A UUIDv7: what is made later sorts later, so that the store compresses ids well. Where there is
 * no `randomUUID`, as on pages without TLS, `Math.random` has to do.
 * @returns {string}
 */
const newId = () => {
  const time = (2 ** 48 + Date.now()).toString(16);
  let random;
  try {
    random = crypto.randomUUID().slice(15);
  } catch {
    random = 'xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, /** @type {any} */ (() => Math.random() * 10 | 0));
  }
  return time.slice(1, 9) + '-' + time.slice(9) + '-7' + random;
};
