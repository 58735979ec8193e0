// The lines of a session: made once from prices or price_data, then only discounted.

import { addPrice, checkPrice } from './catalog.mjs';
import { errors } from './errors.mjs';
import { newId } from './ids.mjs';
import { sameInterval } from './period.mjs';

// First everything is checked, then anything is made. With a trial what recurs costs nothing yet.
export function makeLines(double, items, { mode = 'payment', trial = false } = {}) {
  const sources = items.map((item, i) => source(double, item, `line_items[${i}]`, mode));
  if (mode === 'subscription') checkRecurring(sources);
  const money = sources[0].currency;
  for (const [i, { currency }] of sources.entries()) {
    if (currency !== money) {
      throw errors.invalid(`The price specified only supports \`${currency}\`. This doesn't match the expected ` +
        `currency: \`${money}\`.`, `line_items[${i}]`);
    }
  }
  return items.map((item, i) => line(sources[i].make(), item, trial));
}

function checkRecurring(sources) {
  const recurring = sources.map((one) => one.recurring).filter(Boolean);
  if (recurring.length === 0) {
    throw errors.invalid('You must provide at least one recurring price in `subscription` mode when using prices.', 'line_items');
  }
  if (!recurring.every((one) => sameInterval(one, recurring[0]))) {
    throw errors.invalid('Checkout does not support multiple prices with different billing intervals.', 'line_items');
  }
}

function source(double, item, at, mode) {
  if (item.price !== undefined && item.price_data !== undefined) throw errors.onlyOne(`${at}[price]`, `${at}[price_data]`);
  if (item.price === undefined && item.price_data === undefined) throw errors.missing(`${at}[price]`);
  if (item.quantity === undefined) throw errors.missing(`${at}[quantity]`);
  const kind = item.price_data ?? knownPrice(double, item.price, `${at}[price]`);
  if (kind.recurring && mode === 'payment') {
    throw errors.invalid('You specified `payment` mode but passed a recurring price. Either switch to `subscription` ' +
      'mode or use only one-time prices.', at);
  }
  const known = { currency: kind.currency, recurring: kind.recurring && { interval_count: 1, ...kind.recurring } };
  if (!item.price_data) return { ...known, make: () => describe(double, kind) };
  checkPrice(double, item.price_data, (name) => `${at}[price_data][${name}]`);
  // Prices made in passing belong to this session only.
  return { ...known, make: () => describe(double, addPrice(double, { ...kind, active: false })) };
}

function knownPrice(double, id, param) {
  const price = double.store.get('price', id);
  if (!price) throw errors.noSuch('price', id, param);
  if (!price.active) {
    throw errors.invalid('The price specified is inactive. This field only accepts active prices.', param);
  }
  return price;
}

const describe = (double, price) => ({ price, product: double.store.get('product', price.product) });

function line({ price, product }, item, trial) {
  const amount = trial && price.recurring ? 0 : Math.round(Number(price.unit_amount_decimal) * item.quantity);
  return {
    id: newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: product?.name ?? null,
    metadata: item.metadata ?? {},
    price: structuredClone(price),
    quantity: item.quantity,
  };
}

export const sum = (lines, key) => lines.reduce((total, one) => total + one[key], 0);

// Shares a discount among the lines by amount; the cents that rounding left go one each to the first
// lines that are not free yet.
export function spreadDiscount(lines, discount) {
  const subtotal = sum(lines, 'amount_subtotal');
  for (const one of lines) one.amount_discount = Math.floor(discount * one.amount_subtotal / (subtotal || 1));
  let left = discount - sum(lines, 'amount_discount');
  for (const one of lines) {
    if (left > 0 && one.amount_discount < one.amount_subtotal) {
      one.amount_discount += 1;
      left -= 1;
    }
    one.amount_total = one.amount_subtotal - one.amount_discount;
  }
}
