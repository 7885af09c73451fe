import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './loaded.mjs';

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const BROWSERS = {
  'with crypto': {},
  'without crypto': { crypto: undefined },
  'with a crypto that throws': { crypto: { randomUUID() { throw Error('no entropy'); } } },
};

for (const [what, globals] of Object.entries(BROWSERS)) {
  test(`an id is a UUIDv7 and there is no second one, ${what}`, () => {
    const newId = load(['ids'], { globals })('newId');
    const ids = Array.from({ length: 10_000 }, () => newId());
    assert.deepEqual(ids.filter((id) => !UUID7.test(id)), []);
    assert.equal(new Set(ids).size, ids.length);
  });
}

test('an id begins with the time, so that later ones sort later', () => {
  const tag = load(['ids']);
  const at = (ms) => tag(`Date.now = () => ${ms}; newId()`);
  assert.equal(at(0).slice(0, 13), '00000000-0000');
  assert.equal(at(0x0192_3456_789a).slice(0, 13), '01923456-789a');
  const ids = [1, 255, 256, 1.7e12, 1.7e12 + 1, 2 ** 48 - 1].map(at);
  assert.deepEqual(ids, [...ids].sort());
});

test('no digit of the random part is always the same', () => {
  const newId = load(['ids'])('newId');
  const ids = Array.from({ length: 500 }, () => newId());
  for (const place of [15, 16, 17, 20, 21, 22, 24, 30, 35]) {
    assert.equal(new Set(ids.map((id) => id[place])).size, 16, `place ${place}`);
  }
});
