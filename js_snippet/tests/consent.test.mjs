import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORE, load, sent } from './loaded.mjs';

const declared = (tag, purposes, about) => {
  tag('commands').consent(0, purposes, about);
  return sent(tag('consent'));
};

test('whether a cookie is allowed is what the container makes of the answer', () => {
  const modes = { consent: { granted: 1 }, always: { granted: 1, unset: 1 }, never: {} };
  const answers = ['unset', 'granted', 'denied', undefined, 'maybe'];
  const allowed = Object.entries(modes).map(([mode, cookie]) => {
    const tag = load(['consent'], { config: { cookie } });
    return [mode, ...answers.map((answer) => tag('allowed')({ purposes: { analytics_storage: answer } }))];
  });
  assert.deepEqual(allowed, [
    ['consent', 0, 1, 0, 0, 0],
    ['always', 1, 1, 0, 0, 0],
    ['never', 0, 0, 0, 0, 0],
  ]);
});

test('what is declared adds to what was, and the last word of a purpose counts', () => {
  const tag = load(CORE);
  assert.deepEqual(declared(tag, { ad_storage: 'granted' }), {
    source: 'api',
    purposes: { analytics_storage: 'unset', ad_storage: 'granted' },
  });
  assert.deepEqual(declared(tag, { analytics_storage: 'granted' }, { source: 'banner', version: '3' }), {
    source: 'banner',
    version: '3',
    purposes: { analytics_storage: 'granted', ad_storage: 'granted' },
  });
  assert.deepEqual(declared(tag, { ad_storage: 'denied' }), {
    source: 'api',
    purposes: { analytics_storage: 'granted', ad_storage: 'denied' },
  });
  assert.equal(tag('allowed()'), 1);
});

test('a refusal after a cookie was allowed says so, another one does not', () => {
  const tag = load(CORE);
  declared(tag, { analytics_storage: 'denied' });
  assert.deepEqual([tag('allowed()'), tag('refused')], [0, 0]);
  declared(tag, { analytics_storage: 'granted' });
  declared(tag, { analytics_storage: 'denied' });
  assert.deepEqual([tag('allowed()'), tag('refused')], [0, 2]);
});

test('Global Privacy Control refuses ads whatever is declared', () => {
  const gpc = { ad_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied' };
  const navigator = { language: 'en', globalPrivacyControl: true };
  const tag = load([...CORE, 'gpc'], { config: { gpc }, globals: { navigator } });
  const all = { analytics_storage: 'granted', ad_storage: 'granted', ad_user_data: 'granted' };
  assert.deepEqual(declared(tag, all).purposes, { analytics_storage: 'granted', ...gpc });
});
