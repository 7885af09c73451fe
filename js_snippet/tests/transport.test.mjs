import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORE, load } from './loaded.mjs';

const NOW = 1e12;

/** As `fetch` gives it; undefined is none. */
function answer(status, after = null) {
  return status === undefined ? status : { status, headers: new Map([['Retry-After', after]]) };
}

/** What becomes of a hit that was sent `tries` times, after an answer. */
function settle({ tries = 1, status, after, chance = 0 }) {
  const tag = load(CORE);
  tag(`Date.now = () => ${NOW}; Math.random = () => ${chance}`);
  const box = { key: 'k', due: 0, tries, size: 9, hit: { events: [{}] } };
  tag('boxes').push(box);
  tag('settle')(box, answer(status, after));
  return { waits: tag('boxes.length'), pause: box.due - NOW, resume: tag('resume') };
}

test('what was taken, and what never will be, is done with', () => {
  for (const status of [204, 400, 403, 404, 410, 413]) {
    assert.deepEqual(settle({ status }), { waits: 0, pause: -NOW, resume: 0 }, `${status}`);
  }
});

test('anything else waits, and the collector is left in peace as long', () => {
  for (const status of [undefined, 0, 200, 302, 408, 429, 500, 503]) {
    assert.deepEqual(settle({ status }), { waits: 1, pause: 1000, resume: NOW + 1000 }, `${status}`);
  }
});

test('pauses double from a second to a minute, shortened by half at most', () => {
  const pauses = (chance) => [1, 2, 3, 4, 5, 6, 7, 8, 99].map((tries) => settle({ tries, chance }).pause);
  const longest = [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000];
  assert.deepEqual(pauses(0), longest);
  assert.deepEqual(pauses(1), longest.map((pause) => pause / 2));
  assert.deepEqual(pauses(0.5), longest.map((pause) => pause * 0.75));
});

test('Retry-After lengthens a pause, to an hour at most, and what is no number changes nothing', () => {
  const pause = (after, tries) => settle({ status: 503, after, tries }).pause;
  assert.equal(pause('5'), 5000);
  assert.equal(pause('5', 6), 32000);
  assert.equal(pause('99999999999'), 3_600_000);
  for (const odd of [null, '', '0', '-9', 'Wed, 21 Oct 2026 07:28:00 GMT', 'soon']) {
    assert.equal(pause(odd), 1000, odd);
  }
});

test('a pause that another hit was told is not shortened', () => {
  const tag = load(CORE);
  tag(`Date.now = () => ${NOW}; Math.random = () => 0`);
  const boxes = ['a', 'b'].map((key) => ({ key, due: 0, tries: 1, hit: { events: [] } }));
  tag('boxes').push(...boxes);
  tag('settle')(boxes[0], answer(503, '60'));
  tag('settle')(boxes[1], answer(503, '2'));
  assert.equal(tag('resume'), NOW + 60_000);
  tag('settle')(boxes[1], answer(204));
  assert.equal(tag('resume'), 0);
});

test('what a library makes of lists and objects in JSON does not reach hits; what they say of themselves does', () => {
  const value = '({ list: [1, ["a"]], inner: { none: null }, date: new Date(0), own: { toJSON: () => "mine" } })';
  const text = '{"list":[1,["a"]],"inner":{"none":null},"date":"1970-01-01T00:00:00.000Z","own":"mine"}';
  for (const owner of ['({}).nobody', 'Array.prototype.toJSON', 'Object.prototype.toJSON', 'String.prototype.toJSON']) {
    const tag = load(CORE);
    tag(`${owner} = function () { return 'spoilt'; }`);
    assert.equal(tag(`stringify(${value})`), text, owner);
  }
});
