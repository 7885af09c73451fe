/**
 * Forms, in GA4's words: `form_start` at the first change, `form_submit`, and `form_abandon` with
 * the field that was changed last when the page is left in between. Names of fields, never values.
 */
starts.push(() => {
  /** @type {Map<HTMLFormElement, string>} */
  const begun = new Map();
  const tell = (name, form, more) => {
    let url;
    try {
      url = new URL(form.getAttribute('action') || '', location.href);
    } catch {}
    call('event', name, {
      form_id: attribute(form, 'id'),
      form_name: attribute(form, 'name'),
      form_destination: url && url.origin + url.pathname,
      ...more,
    });
  };
  const nameOf = (field) => attribute(field, 'name') || attribute(field, 'id');

  on('change', ({ target }) => {
    const { form } = target;
    if (!form.elements) return;
    if (!begun.has(form)) {
      tell('form_start', form, { first_field_name: nameOf(target), first_field_type: target.type });
    }
    begun.set(form, nameOf(target));
  });
  on('submit', ({ target, submitter }) => {
    begun.delete(target);
    const form_submit_text = (submitter?.textContent || submitter?.value)?.trim().slice(0, 100);
    tell('form_submit', target, { form_submit_text });
  });
  on('pagehide', () => {
    for (const [form, last_field_name] of begun) tell('form_abandon', form, { last_field_name });
    begun.clear();
  });
});
