// Coupons on a subscription: once, for some months, or for ever.

import { couponOf, discountOf } from './discount.mjs';
import { newId } from './ids.mjs';
import { boundary } from './period.mjs';

const NONE = { discounts: [], amounts: [], off: 0 };

// Kept apart from the subscription, which only lists its id. A coupon for once is gone after the first invoice.
export function addDiscount(double, subscription, { coupon: given = null, promotion_code: promotion = null }) {
  const coupon = couponOf(double, { coupon: given, promotion_code: promotion });
  const start = subscription.start_date; // not the clock's: a second later, a month's end would be a second late
  const discount = {
    id: newId('di'), object: 'discount', checkout_session: null, customer: subscription.customer,
    end: coupon.duration === 'repeating' ? boundary(start, { interval: 'month', interval_count: 1 }, coupon.duration_in_months) : null,
    invoice: null, invoice_item: null, promotion_code: promotion, source: { coupon: coupon.id, type: 'coupon' }, start,
    subscription: subscription.id, subscription_item: null,
  };
  return double.store.put('discount', discount.id, discount);
}

export function invoiceDiscounts(double, subscription, lines) {
  if (subscription.discounts.length === 0) return NONE;
  let left = Math.max(0, lines.reduce((total, { amount }) => total + amount, 0));
  const amounts = [];
  for (const id of subscription.discounts) {
    const discount = double.store.get('discount', id);
    if (discount.end !== null && discount.end <= double.clock.now()) continue;
    const amount = discountOf(double.store.get('coupon', discount.source.coupon), left);
    left -= amount;
    amounts.push({ amount, discount: id });
  }
  return { discounts: amounts.map(({ discount }) => discount), amounts, off: amounts.reduce((sum, { amount }) => sum + amount, 0) };
}

// After an invoice: what was for once, or has ended, is gone.
export function lastingDiscounts(double, subscription) {
  return subscription.discounts.filter((id) => {
    const { source, end } = double.store.get('discount', id);
    const once = double.store.get('coupon', source.coupon)?.duration === 'once';
    return !once && (end === null || end > double.clock.now());
  });
}
