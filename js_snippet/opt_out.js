/**
 * `freehold.optOut()` wins over everything: nothing is sent any more, what waits is deleted, and on
 * later pages nothing is watched; other tabs of this origin stop as well. A flag of this origin says so, 1 until the collector has heard of
 * it; the collector's cookie is what lasts. `freehold.optIn()` takes it back.
 */
{
  const flag = 'out.' + prefix;
  const { event } = commands;
  let out;

  /** Tells the collector; `then` is what its answer changes. */
  const tell = async (choice, then) => {
    try {
      if ((await post(choice, { page })).status == 204) then();
    } catch {}
  };

  /** Looks whether somebody opted out, before or in another tab. */
  const recall = () => {
    try {
      if (!out && (out = localStorage[flag])) stop();
    } catch {}
  };

  commands.event = (...args) => {
    recall();
    out || event(...args);
  };

  const stop = () => {
    boxes.length = 0;
    Object.assign(config, { page_tags: '', links: ' ' }); // no host is like that
  };

  call.optOut = commands.optOut = () => {
    out = 1;
    stop();
    tell(3, () => out && (localStorage[flag] = 2));
    try {
      localStorage[flag] = 1;
      storedKeys().forEach(drop);
    } catch {}
  };

  call.optIn = commands.optIn = () => tell(4, () => {
    out = 0;
    drop(flag);
  });

  // Before the tag starts, as a task of its own: storage is slow when it is asked first.
  requestAnimationFrame(() => setTimeout(recall));
  starts.push(() => {
    recall();
    if (out) starts.length = 0;
    if (out == 1) call.optOut();
    // Another tab was told: what waits here ends too. To listen is slow as well, and can wait.
    setTimeout(() => {
      recall();
      addEventListener('storage', recall);
    }, 3e3);
  });
}
