import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORE, load, made } from './loaded.mjs';

const CASES = [
  ['', undefined],
  ['?page=2', undefined],
  ['?q=', undefined],
  ['?q=oak+board', 'oak board'],
  ['?q=&s=linen', 'linen'],
  ['?keyword=a&q=b', 'b'], // the list's order, not the address's
  ['?query=caf%C3%A9', 'café'],
  ['?search=%E0%A4%A', '\ufffd%A'],
  ['?Q=no', undefined],
  [`?q=${'x'.repeat(150)}`, 'x'.repeat(100)],
  ['?q=no&suche=ja', 'ja', ['suche', 'find']],
];

for (const [query, term, site_search] of CASES) {
  test(`the search term of ${query.slice(0, 20) || 'nothing'} is ${term?.slice(0, 9)}`, async () => {
    const url = `https://shop.example/find${query}`;
    const tag = load([...CORE, 'features/site_search'], { url, config: { site_search } });
    tag('commands').page(0);
    const found = (await made(tag)).map(({ name, props }) => [name, props?.search_term]);
    const searches = term === undefined ? [] : [['view_search_results', term]];
    assert.deepEqual(found, [['page_view', undefined], ...searches]);
  });
}
