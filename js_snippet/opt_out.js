/**
 * `freehold.optOut()` wins over everything: nothing is sent any more, what waits is deleted, and on
 * later pages nothing is watched. A flag of this origin says so, 1 until the collector has heard of
 * it; the collector's cookie is what lasts. `freehold.optIn()` takes it back.
 */
{
  const flag = 'out.' + config.key;
  const { event } = commands;
  let out;
  try {
    out = localStorage[flag];
  } catch {}

  /** Tells the collector; `then` is what its answer changes. */
  const tell = async (choice, then) => {
    try {
      const body = stringify({ page });
      const credentials = 'include', keepalive = true, method = 'POST';
      const answer = await fetch(target + '?c=' + choice, { method, body, keepalive, credentials });
      if (answer.status == 204) then();
    } catch {}
  };
  const leave = () => tell(3, () => out && (localStorage[flag] = 2));

  commands.event = (...args) => out || event(...args);

  commands.optOut = () => {
    out = 1;
    boxes.length = 0;
    config.links = ' '; // no host is like that
    leave();
    localStorage[flag] = 1;
    storedKeys().forEach(drop);
  };

  commands.optIn = () => tell(4, () => {
    out = 0;
    drop(flag);
  });

  for (const name of ['optOut', 'optIn']) call[name] = () => call(name);
  starts.push(() => {
    if (out) starts.length = 0;
    if (out == 1) leave();
  });
}
