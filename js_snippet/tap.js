/**
 * Hands over each entry that is pushed to a list from now on. Where a page froze `Array.prototype`,
 * `push` can be defined and not assigned; where a list's own is fixed, it may be assigned all the
 * same. A list that is frozen itself stays as it is.
 */
const tap = (list, take) => {
  const { push } = list;
  const value = (...entries) => {
    entries.forEach(take);
    return push.apply(list, entries);
  };
  Reflect.set(list, 'push', value)
    || Reflect.defineProperty(list, 'push', { value, writable: true, configurable: true });
};
