/*
 * The shop's own script. It knows the data layer, as any shop does, and of the tag only one thing:
 * the customer's address, handed over just before the order. What the tag sees for itself, it is not told.
 * consent.js asks for consent, says the answer and hands on an opt-out, sent.js lists what was said and sent.
 */
window.dataLayer = window.dataLayer || [];

/** Google's own way to speak to the data layer. */
function gtag() {
  dataLayer.push(arguments);
}

const SHIPPING = { cost: 4.9, freeFrom: 80 };
const VAT = 0.2;

/** What a browser keeps for us; one that keeps nothing still shows the shop. */
const kept = {
  read(store, key) {
    try {
      return JSON.parse(store()[key]);
    } catch {}
  },
  write(store, key, value) {
    try {
      store()[key] = JSON.stringify(value);
    } catch {}
  },
};
const local = () => localStorage;
const session = () => sessionStorage;

/* Money is added in cents. */

function cents(amount) {
  return Math.round(amount * 100);
}

function money(amount) {
  return amount.toLocaleString('en-IE', { style: 'currency', currency: 'EUR' });
}

/** Goods, delivery, the tax that is in them, and what is to be paid. */
function sums(items) {
  const goods = items.reduce((sum, { price, quantity }) => sum + cents(price) * quantity, 0) / 100;
  const shipping = !goods || goods >= SHIPPING.freeFrom ? 0 : SHIPPING.cost;
  return {
    goods,
    shipping,
    tax: cents(goods - goods / (1 + VAT)) / 100,
    total: cents(goods + shipping) / 100,
  };
}

/** One e-commerce event; what the one before left in the layer is cleared first. */
function track(event, items, more) {
  const ecommerce = { currency: 'EUR', ...more, items: items.map((item, index) => ({ ...item, index })) };
  dataLayer.push({ ecommerce: null });
  dataLayer.push({ event, ecommerce });
}

/* The cart: item id → quantity. */

function cart() {
  return kept.read(local, 'shop_cart') || {};
}

function put(id, quantity) {
  const { [id]: _, ...rest } = cart();
  kept.write(local, 'shop_cart', quantity > 0 ? { ...rest, [id]: Math.min(quantity, 99) } : rest);
}

function itemOf(element) {
  return JSON.parse(element.dataset.item);
}

/** The rows of this page that are in an order, with their quantities. */
function itemsIn(quantities) {
  return all('[data-row]')
    .map(itemOf)
    .filter(({ item_id }) => quantities[item_id])
    .map((item) => ({ ...item, quantity: quantities[item.item_id] }));
}

/** Shows the rows of an order and what they cost. */
function showRows(quantities) {
  for (const row of all('[data-row]')) {
    const { item_id, price } = itemOf(row);
    const quantity = quantities[item_id] || 0;
    row.hidden = !quantity;
    row.querySelector('[data-number]').textContent = quantity;
    row.querySelector('[data-sum]').textContent = money((cents(price) * quantity) / 100);
  }
  const items = itemsIn(quantities);
  const { goods, shipping, total } = sums(items);
  show('[data-goods]', money(goods));
  show('[data-shipping]', shipping ? money(shipping) : 'free');
  show('[data-total]', money(total));
  one('[data-empty]').hidden = items.length > 0;
  one('[data-filled]').hidden = !items.length;
  return items;
}

function showCount() {
  const count = Object.values(cart()).reduce((sum, quantity) => sum + quantity, 0);
  show('[data-count]', count);
  one('[data-count]').hidden = !count;
}

/* What each kind of page does when it is there. */
const pages = {
  category() {
    const list = one('[data-list]');
    const { list: item_list_id, listName: item_list_name } = list.dataset;
    track('view_item_list', all('[data-item]').map(itemOf), { item_list_id, item_list_name });
  },

  /** The form of the page head brings its question here; asked again, the page stays. */
  search() {
    const form = one('.search');
    find();
    addEventListener('popstate', find);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      history.pushState(null, '', `?${new URLSearchParams(new FormData(form))}`);
      find();
    });
  },

  product() {
    const item = itemOf(one('[data-product]'));
    track('view_item', [item], { value: item.price });
    one('[data-add]').addEventListener('click', () => {
      const quantity = Number(one('[data-quantity]').value);
      put(item.item_id, (cart()[item.item_id] || 0) + quantity);
      track('add_to_cart', [{ ...item, quantity }], { value: sums([{ ...item, quantity }]).goods });
      showCount();
      toast(`${item.item_name} is in your cart.`, true);
    });
    one('[data-wish]').addEventListener('click', ({ target }) => {
      target.textContent = 'Kept for later';
      target.disabled = true;
    });
  },

  cart() {
    const items = showRows(cart());
    if (items.length) track('view_cart', items, { value: sums(items).goods });
    one('.rows').addEventListener('click', ({ target }) => {
      const button = target.closest('[data-step], [data-remove]');
      if (!button) return;
      const { item_id } = itemOf(button.closest('[data-row]'));
      put(item_id, button.dataset.step ? cart()[item_id] + Number(button.dataset.step) : 0);
      showRows(cart());
      showCount();
    });
  },

  checkout() {
    const items = showRows(cart());
    if (items.length) track('begin_checkout', items, { value: sums(items).goods });
    const form = one('[data-checkout]');
    one('[data-fill]').addEventListener('click', () => fill(form));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const customer = Object.fromEntries(new FormData(form));
      const id = `KL-${Date.now().toString(36).toUpperCase()}`;
      kept.write(session, 'shop_order', { id, quantities: cart(), customer });
      kept.write(local, 'shop_cart', {});
      location.href = '/demo/thank-you';
    });
  },

  /** An order is told once, however often its page is loaded; then the customer is forgotten. */
  'thank-you'() {
    const { id, quantities, customer } = kept.read(session, 'shop_order') || { quantities: {} };
    const items = showRows(quantities);
    show('[data-order]', id);
    if (!customer) return;
    kept.write(session, 'shop_order', { id, quantities });
    const { goods: value, tax, shipping } = sums(items);
    freehold('user', customer);
    track('purchase', items, { value, transaction_id: id, tax, shipping });
  },

  broken() {
    one('[data-throw]').addEventListener('click', () => {
      throw new Error('The kiln is cold');
    });
  },
};

/** Shows the products that have the words of the address's `q` in them. */
function find() {
  const words = new URLSearchParams(location.search).get('q') || '';
  for (const card of all('.card')) {
    card.hidden = !card.textContent.toLowerCase().includes(words.toLowerCase());
  }
  const count = all('.card:not([hidden])').length;
  one('.search input').value = words;
  show('[data-found]', `${count || 'Nothing'} for “${words}”`);
  document.title = `${words} · Search`;
}

/** An example customer, so that nobody has to think of one. */
function fill({ elements }) {
  const example = {
    email: 'customer@example.com', phone: '+33 6 39 98 01 23', first_name: 'Demo',
    last_name: 'Customer', street: '1 rue des Exemples', postcode: '75001', city: 'Paris',
  };
  for (const [name, value] of Object.entries(example)) elements[name].value = value;
}

/* The letter */

function watchLetter() {
  one('[data-newsletter]').addEventListener('submit', (event) => {
    event.preventDefault();
    dataLayer.push({ event: 'generate_lead', lead_source: 'newsletter' });
    event.target.reset();
    toast('Thank you. The next letter comes with the next season.');
  });
}

/* The page */

function one(selector) {
  return document.querySelector(selector);
}

function all(selector) {
  return [...document.querySelectorAll(selector)];
}

function show(selector, text) {
  for (const element of all(selector)) element.textContent = text;
}

function toast(text, isOfCart) {
  const link = document.createElement('a');
  link.href = '/demo/cart';
  link.textContent = 'See the cart';
  one('[data-toast]').replaceChildren(text, isOfCart ? link : '');
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => one('[data-toast]').replaceChildren(), 6000);
}

document.addEventListener('DOMContentLoaded', () => {
  watchLetter();
  showCount();
  pages[document.body.dataset.page]?.();
});

/* Back from the browser's cache the page is as it was, the cart perhaps not. */
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  showCount();
  if (document.body.dataset.page == 'cart') showRows(cart());
});
