/* The visitor's choice: asked by the banner, kept, and said to the data layer before anything else is. */

const PURPOSES = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'];
const CHOICES = { all: PURPOSES, statistics: ['analytics_storage'], none: [] };

/** Consent Mode's words for a choice. */
function answers(choice) {
  return Object.fromEntries(
    PURPOSES.map((purpose) => [purpose, CHOICES[choice].includes(purpose) ? 'granted' : 'denied']),
  );
}

/* Consent comes first: the default, then at once what was chosen on an earlier page. */
const chosen = kept.read(local, 'shop_consent');
consent('default', { ...answers('none'), wait_for_update: 500 });
if (Object.hasOwn(CHOICES, chosen)) consent('update', answers(chosen));

function consent(what, purposes) {
  gtag('consent', what, purposes);
  const granted = PURPOSES.filter((purpose) => purposes[purpose] == 'granted');
  log('said', `consent ${what}: ${granted.join(', ') || 'nothing'} granted`);
}

function watchConsent() {
  const banner = one('[data-consent]');
  banner.hidden = Object.hasOwn(CHOICES, chosen);
  one('[data-consent-open]').addEventListener('click', () => {
    banner.hidden = false;
    banner.querySelector('button').focus();
  });
  banner.addEventListener('click', ({ target }) => {
    const { choice } = target.dataset;
    if (!choice) return;
    kept.write(local, 'shop_consent', choice);
    consent('update', answers(choice));
    banner.hidden = true;
  });
}

/** An opt-out wins over every consent. */
function watchOptOut() {
  for (const button of all('[data-tell]')) {
    button.addEventListener('click', () => {
      freehold(button.dataset.tell);
      toast(button.dataset.told);
    });
  }
}

document.addEventListener('DOMContentLoaded', () => {
  watchConsent();
  watchOptOut();
});
