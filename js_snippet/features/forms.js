/**
 * Forms, in GA4's words: `form_start` at the first change, `form_submit`, and `form_abandon` with
 * the field that was changed last when the page is left in between. Names of fields, never values.
 */
starts.push(() => {
  /** @type {Map<HTMLFormElement, string>} */
  const begun = new Map();
  const about = (form) => {
    let url;
    try {
      url = new URL(form.getAttribute('action') || '', location.href);
    } catch {}
    return {
      form_id: form.getAttribute('id') || undefined,
      form_name: form.getAttribute('name') || undefined,
      form_destination: url && url.origin + url.pathname,
    };
  };
  const nameOf = (field) => field.getAttribute('name') || field.getAttribute('id') || undefined;

  addEventListener('change', (event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    const { form } = field;
    if (!form?.elements) return;
    if (!begun.has(form)) {
      const first = { first_field_name: nameOf(field), first_field_type: field.type };
      call('event', 'form_start', { ...about(form), ...first });
    }
    begun.set(form, nameOf(field));
  }, true);
  addEventListener('submit', (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const submitter = /** @type {HTMLInputElement} */ (event.submitter);
    begun.delete(form);
    const form_submit_text = (submitter?.textContent || submitter?.value)?.trim().slice(0, 100);
    call('event', 'form_submit', { ...about(form), form_submit_text });
  }, true);
  addEventListener('pagehide', () => {
    for (const [form, last_field_name] of begun) {
      call('event', 'form_abandon', { ...about(form), last_field_name });
    }
    begun.clear();
  });
});
