import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORE, load, made, sent } from './loaded.mjs';

const BRIDGE = [...CORE, 'tap', 'features/data_layer'];

/** What is kept of a value. */
function flat(value, levels = 6) {
  const tag = load(BRIDGE);
  tag('room = 5000');
  return sent(tag('plain')(value, levels));
}

/** Pushes as gtag does. */
function gtag() {
  return arguments;
}

test('what is plain is kept, and nothing else', () => {
  assert.deepEqual(
    flat({
      text: 'x', none: '', zero: 0, yes: true, no: false, list: [1, 'a', [null]], inner: { a: { b: 1 } },
      nothing: null, not: undefined, nan: NaN, endless: Infinity, run() {}, date: new Date(0),
      symbol: Symbol('s'), big: 1n, map: new Map(), match: /x/, error: Error('x'),
    }),
    { text: 'x', none: '', zero: 0, yes: true, no: false, list: [1, 'a', []], inner: { a: { b: 1 } } },
  );
});

test('what steers GTM or is personal is left out at any depth', () => {
  assert.deepEqual(
    flat({
      'gtm.uniqueEventId': 5, _clear: true, send_to: 'G-1', eventCallback: 1, event_timeout: 9,
      user_data: { email: 'a@b.example' }, a: [{ user_data: { phone: '1' }, b: 1 }], user: 1,
    }),
    { a: [{ b: 1 }], user: 1 },
  );
});

test('text is cut at a thousand characters, depth at six levels', () => {
  assert.equal(flat('x'.repeat(5000)).length, 1000);
  const deep = { a: { b: { c: { d: { e: { f: 1, g: { h: 1 } } } } } } };
  assert.deepEqual(flat(deep), { a: { b: { c: { d: { e: { f: 1 } } } } } });
});

test('a circle ends, and a getter that throws is left out', () => {
  const circle = { name: 'x' };
  circle.circle = circle;
  assert.equal(JSON.stringify(flat(circle)).match(/name/g).length, 6);
  assert.deepEqual(flat({ get bad() { throw Error('bad'); }, good: 1 }), { good: 1 });
});

test('five thousand values are copied and no more', () => {
  const count = (value) => (typeof value == 'object' ? Object.values(value).reduce((sum, one) => sum + 1 + count(one), 0) : 0);
  assert.equal(count(flat(Array(9000).fill(1))), 5000);
  const wide = Object.fromEntries(Array.from({ length: 90 }, (_, key) => [key, Array(90).fill(key)]));
  assert.equal(count(flat(wide)), 5000);
});

test('an id is text of 1 to 512 characters, or a number', () => {
  const identifier = load(BRIDGE)('identifier');
  const given = ['u1', 42, '', 'x'.repeat(512), 'x'.repeat(513), null, {}, NaN, true];
  assert.deepEqual(given.map(identifier), ['u1', '42', undefined, given[3], undefined, undefined, undefined, 'NaN', undefined]);
});

test('what the list holds is replayed in its order: consent first, events after the page view', async () => {
  const dataLayer = [
    { event: 'first', n: 1 },
    gtag('consent', 'default', { analytics_storage: 'denied' }),
    { event: 'gtm.js', 'gtm.start': 1 },
    gtag('event', 'second', { value: 2, send_to: 'G-1' }),
    'not an entry',
    null,
    gtag('set', { user_id: 7 }),
    { ecommerce: null },
    { event: 'purchase', ecommerce: { value: 3, items: [{ item_id: 'a' }, 'b'] } },
    gtag('consent', 'update', { analytics_storage: 'granted' }),
    gtag('no such', 'function'),
  ];
  const tag = load([...BRIDGE, 'features/page_views'], { globals: { dataLayer } });
  tag('starts.forEach((start) => start())');
  assert.deepEqual(sent(tag('consent')), { source: 'gtag', purposes: { analytics_storage: 'granted' } });
  const events = await made(tag);
  assert.deepEqual(
    events.map(({ name, props, items, user }) => [name, props, items, user?.id]),
    [
      ['page_view', undefined, undefined, '7'],
      ['first', { n: 1 }, undefined, '7'],
      ['second', { value: 2 }, undefined, '7'],
      ['purchase', { value: 3 }, [{ item_id: 'a' }], '7'],
    ],
  );
  dataLayer.push({ event: 'later', event_id: 'e1' }, gtag('event', 'last'));
  assert.deepEqual((await made(tag)).slice(4).map(({ name, id }) => [name, id.length]), [['later', 2], ['last', 36]]);
  assert.equal(dataLayer.length, 13);
});

test('a default never changes what an update said', () => {
  const tag = load(BRIDGE);
  const say = (kind, answers) => tag('gtag').consent(kind, answers) || tag('consent').purposes;
  say('default', { ad_storage: 'denied', analytics_storage: 'denied' });
  say('update', { ad_storage: 'granted' });
  const purposes = say('default', { ad_storage: 'denied', analytics_storage: 'granted' });
  assert.deepEqual(sent(purposes), { ad_storage: 'granted', analytics_storage: 'granted' });
  assert.equal(say('default', { region: ['FR'], ad_user_data: 'granted' }).ad_user_data, undefined);
});

test('of a long list the first two hundred items are kept', async () => {
  const tag = load(BRIDGE);
  tag('say = call');
  tag('tell')('view_item_list', { ecommerce: { items: Array(300).fill({ item_id: 'a' }) } });
  const [{ items }] = await made(tag);
  assert.equal(items.length, 200);
});

test('a list hands over what is pushed, with its own push, also where no push can be assigned', () => {
  const tag = load([...CORE, 'tap']);
  tag('Object.freeze(Array.prototype)');
  const [list, taken] = [tag('list = ["before"]'), []];
  tag('tap')(list, (entry) => taken.push(entry));
  assert.equal(tag('list.push("a", "b")'), 3);
  tag('list.push = ((push) => (...entries) => push.apply(list, entries))(list.push)');
  assert.equal(tag('list.push("c")'), 4);
  assert.deepEqual(taken, ['a', 'b', 'c']);
  assert.deepEqual([...list], ['before', 'a', 'b', 'c']);
});

test('a list that is frozen itself stays as it is', () => {
  const tag = load([...CORE, 'tap']);
  tag('tap(list = Object.freeze([1]), () => 0)');
  assert.deepEqual([...tag('list')], [1]);
});
