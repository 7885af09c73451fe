/**
 * What the consent platforms of `consent: from:` share. Each of them tells of its categories,
 * vendors or services by their ids: true or false, anything else while there is no answer.
 */
const ANALYTICS = ['analytics_storage'],
  ADS = ['ad_storage', 'ad_user_data', 'ad_personalization'];

/**
 * Declares what was chosen: a purpose is granted if all that stand for it are.
 * @param {string} source
 * @param {(id: string) => any} choice  what the visitor chose for an id
 * @param {Object<string, string[]>} usual  which purposes an id stands for, unless the container says
 */
const declare = (source, choice, usual) => {
  const meaning = config.categories || usual;
  const purposes = {};
  for (const id in meaning) {
    const chosen = choice(id);
    for (const purpose of meaning[id]) {
      if (chosen === false) purposes[purpose] = 'denied';
      else if (chosen === true) purposes[purpose] = purposes[purpose] || 'granted';
    }
  }
  if (Object.keys(purposes)[0]) call('consent', purposes, { source });
};

/** Reads again at each of these events; what is not there yet is no error. */
const readAt = (target, types, read) => {
  const tried = async () => {
    try {
      await read();
    } catch {}
  };
  for (const type of types) target.addEventListener(type, tried);
  tried();
};
