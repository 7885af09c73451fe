import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORE, load, made } from './loaded.mjs';

const LINKS = [...CORE, 'listen', 'attribute', 'words', 'links', 'features/outbound_links', 'features/downloads'];

/** Clicks, as a browser tells of it. */
function click(tag, button, path) {
  tag('starts.forEach((start) => start())');
  tag('dispatchEvent')(Object.assign(new Event('click'), { button, composedPath: () => path }));
}

/** What a click on a link counts as. */
async function count(href, { button = 0, node = {}, pieces = LINKS } = {}) {
  const tag = load(pieces, { url: 'https://shop.example:8443/c/cups?page=2' });
  const link = { localName: 'a', href, textContent: 'Here', id: '', getAttribute: () => null, ...node };
  click(tag, button, [{ localName: 'b' }, link, { localName: 'body' }]);
  const [event] = await made(tag);
  return event && [event.name, event.props.link_domain ?? event.props.file_name];
}

const CASES = {
  'https://shop.example:8443/p/cup': undefined,
  'https://elsewhere.example/': ['click', 'elsewhere.example'],
  'https://www.shop.example:8443/': ['click', 'www.shop.example'],
  'https://shop.example/': ['click', 'shop.example'], // another port
  'http://shop.example:8443/': undefined,
  '//cdn.example/x': ['click', 'cdn.example'],
  'sizes.pdf': ['file_download', '/c/sizes.pdf'],
  '/a/b.PDF?x=1#y': ['file_download', '/a/b.PDF'],
  'https://elsewhere.example/a.zip': ['file_download', '/a.zip'],
  'https://elsewhere.example/?file=a.zip': ['click', 'elsewhere.example'],
  '/a.pdf/more': undefined,
  '/notes.html': undefined,
  'mailto:ann@example.com': undefined,
  'tel:+33639980123': undefined,
  'javascript:void 0': undefined,
  'blob:https://shop.example/1': undefined,
  'https://[broken': undefined,
};

for (const [href, expected] of Object.entries(CASES)) {
  test(`a click on ${href} counts as ${expected}`, async () => {
    assert.deepEqual(await count(href), expected);
  });
}

test('left and middle button count, on links of maps and of drawings too', async () => {
  const out = ['click', 'b.example'];
  const href = 'https://b.example/';
  assert.deepEqual(await count(href, { button: 1 }), out);
  assert.equal(await count(href, { button: 2 }), undefined);
  assert.deepEqual(await count(href, { node: { localName: 'area' } }), out);
  assert.deepEqual(await count({ baseVal: href }), out);
  assert.equal(await count(href, { node: { localName: 'link' } }), undefined);
  assert.equal(await count(''), undefined);
});

test('a file is an outbound click where files are not counted', async () => {
  const pieces = LINKS.slice(0, -1);
  assert.deepEqual(await count('https://b.example/a.zip', { pieces }), ['click', 'b.example']);
});

test('a link is told without what may be personal, and cut', async () => {
  const tag = load(LINKS);
  const link = {
    localName: 'a', href: 'https://b.example/x?email=ann#me', getAttribute: (name) => ({ id: 'out', class: 'big red' })[name],
    textContent: `  to \n the other ${'side '.repeat(99)}`,
  };
  click(tag, 0, [link]);
  const [{ props }] = await made(tag);
  assert.equal(props.link_text.length, 100);
  assert.equal(props.link_text.slice(0, 16), 'to the other sid');
  delete props.link_text;
  assert.deepEqual(props, {
    outbound: true, link_domain: 'b.example', link_url: 'https://b.example/x', link_id: 'out', link_classes: 'big red',
  });
});
