/**
 * `set`, `identify` and `reset`: what goes with every later event until the page is left. The
 * props are copied and checked when they are set, so that a wrong one or too many spoil no event;
 * null and undefined take one away.
 */
{
  const { event } = commands;
  let shared;

  commands.event = (at, name, props, more) =>
    event(at, name, shared ? { ...shared, ...props } : props, more);

  commands.set = (at, props) => {
    const text = stringify({ ...shared, ...props });
    if (!text[8192]) shared = parse(text, (key, value) => value ?? undefined);
  };

  /** `user` in two words. */
  commands.identify = (at, id, traits) => commands.user(at, { ...traits, id: '' + id });

  /** Somebody logs out: the browser is still the visitor that it was. */
  commands.reset = (at) => {
    shared = 0;
    commands.user(at);
  };
}
