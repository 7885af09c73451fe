/** Segment's `analytics`, its e-commerce events in GA4's words; others keep their names. */
const SEGMENT = {
  'Products Searched': 'search',
  'Product List Viewed': 'view_item_list',
  'Product Clicked': 'select_item',
  'Product Viewed': 'view_item',
  'Product Added': 'add_to_cart',
  'Product Removed': 'remove_from_cart',
  'Cart Viewed': 'view_cart',
  'Checkout Started': 'begin_checkout',
  'Payment Info Entered': 'add_payment_info',
  'Order Completed': 'purchase',
  'Order Refunded': 'refund',
  'Product Added to Wishlist': 'add_to_wishlist',
  'Promotion Viewed': 'view_promotion',
  'Promotion Clicked': 'select_promotion',
  'Signed Up': 'sign_up',
  'Signed In': 'login',
};

starts.push(() => {
  const queue = (window.analytics = window.analytics || []);
  if (!Array.isArray(queue) || isThere('analytics.min.js')) return;
  const line = ({ product_id, sku, name, brand, category, variant, price, quantity, coupon }) => ({
    item_id: product_id || sku, item_name: name, item_brand: brand, item_category: category,
    item_variant: variant, price, quantity, coupon
  });
  const methods = {
    track(event, given = {}) {
      const name = SEGMENT[event];
      if (!name) return call('event', event, given);
      const { products, order_id, total, revenue, value, query, currency, coupon, tax, shipping } = given;
      const props = {
        transaction_id: order_id, value: value ?? total ?? revenue, search_term: query,
        currency, coupon, tax, shipping
      };
      const items = (products || (given.product_id || given.sku ? [given] : [])).map(line);
      call('event', name, props, { items });
    },
    page: () => tellPage(),
    identify(id, traits = typeof id == 'object' ? id : {}) {
      const { email, phone, firstName: first_name, lastName: last_name } = traits;
      call('user', { ...user, id: typeof id == 'object' ? user?.id : id, email, phone, first_name, last_name });
    },
    reset: () => call('user'),
  };
  answer(queue, methods);
  for (const name in methods) {
    queue[name] = (...args) => {
      queue.push([name, ...args]);
      return queue;
    };
  }
});
