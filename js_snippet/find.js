/** Hands over, once, what `look` finds: four times a second for a minute, as a CMP may come late. */
const find = (look, use, tries = 240) => {
  let found;
  try {
    found = look();
    if (found) use(found);
  } catch {}
  if (!found && tries) setTimeout(find, 250, look, use, tries - 1);
};
