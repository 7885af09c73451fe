/**
 * GA4's e-commerce events as calls: `freehold('purchase', items, {transaction_id: 'T1'})`. Items are
 * one or a list; what stands in gtag's place, among the props, is found too. The event is worth what
 * they cost, unless it says otherwise; the first four names show a choice and are worth nothing.
 */
'view_item_list select_item view_promotion select_promotion view_item add_to_cart add_to_wishlist remove_from_cart view_cart begin_checkout add_shipping_info add_payment_info purchase refund'
  .split(' ').forEach((name, place) => {
    commands[name] = (at, items, props, more) => {
      if (items && !items.flat && !items.item_id && !items.item_name) ({ items, ...props } = items);
      items = [items].flat().filter((item) => item).slice(0, 200);
      let worth = 0;
      if (place > 3) for (const { price, quantity = 1 } of items) worth += price * quantity;
      const value = +worth.toFixed(4) || undefined;
      commands.event(at, name, { value, ...props }, { items, ...more });
    };
  });
