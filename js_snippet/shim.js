/** Whether a script of this address is on the page: then it is the other tag's own, and not ours. */
const isThere = (part) => {
  return !!document.querySelector(`script[src*="${part}"]`);
};

/** A page view, unless the tag has counted this address already. */
const tellPage = (props = {}, more = {}) => {
  if (lastUrl != location.href) call('page', props, more);
};

/** Runs each call of a queue, what it holds and what is pushed; a wrong one hurts nobody. */
const answer = (queue, methods) => {
  const take = (entry) => {
    try {
      const [name, ...args] = entry;
      methods[name](...args);
    } catch {}
  };
  [...queue].forEach(take);
  tap(queue, take);
};
