/**
 * Loads sources of the tag as they are: scripts that share one scope, here a context of their own,
 * with the few things of a browser that they need.
 */
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const CONFIG = { name: 'freehold', key: 'freehold.shop.', hit: 'hit', cookie: { granted: 1 } };
export const CORE = ['ids', 'consent', 'outbox', 'transport', 'core'];

/**
 * @param {string[]} pieces   names of sources, in the order in which the server joins them
 * @param {Object} [given]    `config` and `globals` beside the usual ones, and the page's `url`
 * @returns {(code: string) => any} evaluates in their scope
 */
export function load(pieces, { config = {}, globals = {}, url = 'https://shop.example/p?q=1' } = {}) {
  const events = new EventTarget();
  const silent = () => 0;
  const window = vm.createContext({
    URL, URLSearchParams, TextEncoder, CustomEvent, AbortSignal, crypto, queueMicrotask, console,
    addEventListener: events.addEventListener.bind(events),
    dispatchEvent: events.dispatchEvent.bind(events),
    setTimeout: silent,
    clearTimeout: silent,
    fetch: () => new Promise(silent), // no answer
    location: new URL(url),
    localStorage: {},
    navigator: { language: 'en' },
    screen: { width: 1280, height: 720 },
    innerWidth: 1280,
    innerHeight: 720,
    document: {
      baseURI: url, referrer: '', title: 'Page',
      currentScript: { src: 'https://t.example/shop/tag.js' },
    },
    config: { ...CONFIG, ...config },
    ...globals,
  });
  window.window = window;
  for (const piece of pieces) {
    const file = new URL(`../${piece}.js`, import.meta.url);
    vm.runInContext(readFileSync(file, 'utf8'), window, { filename: file.pathname });
  }
  return (code) => vm.runInContext(code, window);
}

/** A value as the tag would send it, made in this scope, so that it can be compared. */
export function sent(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** Every event that the tag has made and nobody has answered to. */
export async function made(tag) {
  await new Promise(setImmediate);
  return sent(tag('boxes.flatMap(({ hit }) => hit.events)'));
}
