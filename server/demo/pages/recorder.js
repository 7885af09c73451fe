/*
 * The recorder's page: two lists that grow from the top, tied by marks. A mark is an event's id, or
 * its name and time; a request has those of every event in it. Everything is shown as text.
 */
const MAX_CARDS = { events: 100, requests: 500 };
const PURPOSES = ['analytics_storage', 'ad_storage', 'ad_user_data', 'ad_personalization'];
const lists = { events: one('[data-events]'), requests: one('[data-requests]') };
const marksOf = new WeakMap();
const seen = new Set();

let run = 0;
let last = 0;
let held;

/** Looks again each second while the page is seen. */
async function watch() {
  if (!document.hidden) {
    try {
      const [requests, events] = await Promise.all([ask(`/requests?after=${last}`), ask('/events')]);
      addRequests(requests);
      addEvents(events);
      state(events.problem || 'Live', events.problem ? 'failed' : 'live');
    } catch {
      state('The recorder does not answer.', 'failed');
    }
  }
  setTimeout(watch, 1000);
}

async function ask(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

function state(text, kind) {
  const line = one('[data-state]');
  if (line.textContent != text) line.textContent = text;
  line.className = `state ${kind}`;
}

function addRequests(answer) {
  if (run && answer.run != run) {
    location.reload();
    return;
  }
  run = answer.run;
  last = answer.last;
  showPartners(answer.partners);
  answer.requests.forEach((request) => add('requests', requestCard(request)));
  if (answer.requests.length) finish('requests');
}

/** Events come newest first; the new ones among them are added oldest first. */
function addEvents({ events }) {
  const fresh = events.filter(({ event_id: id }) => !seen.has(id)).reverse();
  for (const event of fresh) {
    seen.add(event.event_id);
    add('events', eventCard(event));
  }
  if (fresh.length) finish('events');
}

function add(name, card) {
  const list = lists[name];
  list.prepend(card);
  while (list.children.length > MAX_CARDS[name]) list.lastChild.remove();
}

function finish(name) {
  const count = lists[name].children.length;
  one(`[data-${name}-count]`).textContent = count;
  one(`[data-${name}-empty]`).hidden = count > 0;
  if (held?.isConnected) light(held);
}

function eventCard(event) {
  const { name, path, value, currency, consent, withheld, bot } = event;
  const card = makeCard([event.event_id, `${name}@${event.occurred_at}`]);
  card.classList.toggle('bot', Boolean(bot));
  const head = make('div', 'head', make('time', '', clock(event.occurred_at)), make('strong', '', name));
  if (value !== null) head.append(make('span', 'end', `${value.toFixed(2)} ${currency}`));
  const chips = make('div', 'chips', ...consentChips(consent));
  if (bot) chips.append(make('span', 'chip', `bot: ${bot}`));
  for (const [tag, reason] of withheld) chips.append(make('span', 'chip no', `not to ${tag}: ${words(reason)}`));
  card.append(head, make('div', 'where', path), chips);
  return card;
}

function consentChips(consent) {
  const given = PURPOSES.filter((purpose) => consent[purpose] == 'granted');
  if (given.length == PURPOSES.length) return [make('span', 'chip yes', 'all consents')];
  if (!given.length) return [make('span', 'chip', 'no consent')];
  return given.map((purpose) => make('span', 'chip yes', purpose));
}

/** Names of events, each once with how often it stands there. */
function told(names) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) || 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${name} × ${count}` : name)).join(', ');
}

/** A reason as it is on the row, `consent:ad_storage,ad_user_data`, for people. */
function words(reason) {
  return reason.replace(/^consent:/, 'no consent to ').replaceAll(',', ', ');
}

function requestCard(request) {
  const { partner, method, path, query, names, body, size, status, answer } = request;
  const card = makeCard(request.marks);
  const who = make('span', 'partner', partner);
  const head = make('div', 'head', make('time', '', clock(request.received_at)), who, make('strong', '', told(names)), verdict(request));
  const search = query.map((pair) => pair.join('=')).join('&');
  card.append(head, make('div', 'where', `${method} ${path}${search && `?${search}`} → ${status}`));
  if (request.faults.length) card.append(make('ol', 'faults', ...request.faults.map((fault) => make('li', '', fault))));
  if (size) card.append(folded(`Body, ${plural(size, 'byte')}`, body));
  if (answer) card.append(folded('Answer', answer));
  return card;
}

/** What the partner's rules say of a request, and what a script made of it. */
function verdict({ faults, taken, trouble }) {
  const badge = make('span', faults.length ? 'badge bad' : 'badge', faults.length ? plural(faults.length, 'fault') : 'valid');
  const marks = make('span', 'end', badge);
  if (trouble) marks.prepend(make('span', 'badge bad', `script: ${trouble}`), ' ');
  marks.prepend(make('span', 'taken', `${taken} taken`), ' ');
  return marks;
}

function folded(title, text) {
  return make('details', '', make('summary', '', title), make('pre', '', text));
}

/** Each partner's line: what came, what was wrong with it, what was taken. */
function showPartners(partners) {
  one('[data-partners]').replaceChildren(...partners.map(partnerLine));
}

function partnerLine({ partner, docs, requests, faulty, troubled, taken }) {
  const rules = make('a', 'partner', partner);
  rules.href = docs;
  rules.rel = 'noreferrer';
  rules.title = 'Its rules';
  const line = make('li', '', rules, ` ${plural(requests, 'request')}, ${plural(taken, 'event')} taken`);
  if (faulty) line.append(make('span', 'failed', `, ${faulty} with faults`));
  if (troubled) line.append(make('span', 'failed', `, ${troubled} spoilt by script`));
  return line;
}

function makeCard(marks) {
  const card = make('li', 'card');
  card.tabIndex = 0;
  marksOf.set(card, marks);
  return card;
}

function make(kind, name, ...inside) {
  const element = document.createElement(kind);
  if (name) element.className = name;
  element.append(...inside);
  return element;
}

/** Lights the cards that share a mark with this one; without one, none. */
function light(card) {
  const marks = new Set(card && marksOf.get(card));
  for (const other of document.querySelectorAll('.card')) {
    other.classList.toggle('lit', marksOf.get(other).some((mark) => marks.has(mark)));
    other.classList.toggle('held', other == held);
  }
}

/** Holds a card, or lets the held one go; its partner in the other list comes into view. */
function hold(card) {
  held = card == held ? undefined : card;
  light(held);
  if (!held) return;
  const other = held.parentElement == lists.events ? lists.requests : lists.events;
  other.querySelector('.lit')?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
}

function cardOf({ target }) {
  return target.closest('.card');
}

function clock(at) {
  const time = new Date(at);
  const day = time.toDateString() == new Date().toDateString() ? '' : `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} `;
  return day + time.toLocaleTimeString('en-GB');
}

function plural(count, word) {
  return `${count.toLocaleString('en')} ${word}${count == 1 ? '' : 's'}`;
}

function one(selector) {
  return document.querySelector(selector);
}

document.addEventListener('mouseover', (event) => held || light(cardOf(event)));
document.addEventListener('focusin', (event) => held || light(cardOf(event)));
document.addEventListener('click', (event) => {
  const card = cardOf(event);
  if (card && !event.target.closest('details')) hold(card);
});
document.addEventListener('keydown', (event) => {
  if (event.key == 'Escape') hold(held);
  if (event.key == 'Enter' && event.target.matches('.card')) hold(event.target);
});

watch();
