// Subscriptions as objects: making, changing, reading them. What time does to them is in subscription_life.mjs.

import { addPrice, checkPrice } from './catalog.mjs';
import { amend, announce } from './event.mjs';
import { errors } from './errors.mjs';
import { newId } from './ids.mjs';
import { created, equal, listing } from './lists.mjs';
import { shallow } from './objects.mjs';
import { periodAt, sameInterval } from './period.mjs';
import { request, text } from './schema.mjs';

export const planOf = (price) => ({
  id: price.id, object: 'plan', active: price.active, amount: price.unit_amount, amount_decimal: price.unit_amount_decimal,
  billing_scheme: price.billing_scheme, created: price.created, currency: price.currency, interval: price.recurring.interval,
  interval_count: price.recurring.interval_count, livemode: false, metadata: price.metadata, meter: price.recurring.meter,
  nickname: price.nickname, product: price.product, tiers_mode: null, transform_usage: null,
  trial_period_days: price.recurring.trial_period_days, usage_type: price.recurring.usage_type,
});

export const itemOf = (double, subscription, { price, quantity = 1, metadata = {} }, period) => ({
  id: newId('si'), object: 'subscription_item', billing_thresholds: null, created: double.clock.now(),
  current_period_end: period.end, current_period_start: period.start, discounts: [], metadata, plan: planOf(price),
  price: structuredClone(price), quantity, subscription, tax_rates: [],
});

// The items with what hangs on them.
export const itemFields = (id, data) => ({
  items: {
    object: 'list', data, has_more: false, total_count: data.length, url: `/v1/subscription_items?subscription=${id}`,
  },
  plan: data.length === 1 ? data[0].plan : null,
  quantity: data.length === 1 ? data[0].quantity : null,
});

export const periodOf = ({ items: { data: [first] } }) => ({ start: first.current_period_start, end: first.current_period_end });

export const recurringOf = ({ items: { data: [first] } }) => first.price.recurring;

export const withPeriod = (items, { start, end }) =>
  items.map((item) => ({ ...item, current_period_end: end, current_period_start: start }));

const DEFAULT_TRIAL_SETTINGS = { end_behavior: { missing_payment_method: 'create_invoice' } };

// values: customer, items [{ price, quantity, metadata }], metadata, default_payment_method, trial_end,
// billing_cycle_anchor and further fields of the object. It is not told yet.
export function makeSubscription(double, { items, metadata, ...values }) {
  const now = double.clock.now();
  const id = newId('sub');
  const trial = values.trial_end ?? null;
  const anchor = trial ?? values.billing_cycle_anchor ?? now;
  const end = anchor > now ? anchor : periodAt(anchor, items[0].price.recurring, now).end;
  const data = items.map((item) => itemOf(double, id, item, { start: now, end }));
  const template = shallow('subscription');
  const subscription = {
    ...template, trial_settings: DEFAULT_TRIAL_SETTINGS, ...values, id, billing_cycle_anchor: anchor,
    billing_mode: { ...template.billing_mode, updated_at: now }, created: now, currency: items[0].price.currency,
    ...itemFields(id, data), metadata: metadata ?? {}, start_date: now, status: trial ? 'trialing' : 'active', trial_end: trial,
    trial_start: trial ? now : null,
  };
  return double.store.put('subscription', id, subscription);
}

// Saves, and tells if anything changed. Gives the previous attributes.
export function changeSubscription(double, subscription, changes) {
  const previous = amend(double, 'subscription', subscription, changes);
  if (Object.keys(previous).length > 0) announce(double, 'customer.subscription.updated', subscription, previous);
  return previous;
}

export const isOver = ({ status }) => status === 'canceled' || status === 'incomplete_expired';

export function findSubscription(double, id, param = 'id') {
  double.due.check(id);
  const subscription = double.store.get('subscription', id);
  if (!subscription) throw errors.notFound('subscription', id, param);
  return subscription;
}

// items[i][price | price_data] -> the price, which must be recurring; a price_data makes one. An inactive price may only
// stay where it is, in `having`.
export function recurringPrice(double, { price: id, price_data: data }, at, { keep = true, having } = {}) {
  if (id !== undefined && data !== undefined) throw errors.onlyOne(`${at}[price]`, `${at}[price_data]`);
  if (data) checkPrice(double, data, (name) => `${at}[price_data][${name}]`);
  const price = data ? addPrice(double, { ...data, active: false }, { keep }) : double.store.get('price', id);
  if (!price) throw errors.noSuch('price', id, `${at}[price]`);
  if (!data && !price.active && !having?.items.data.some((item) => item.price.id === id)) {
    throw errors.invalid('The price specified is inactive. This field only accepts active prices.', `${at}[price]`);
  }
  if (!price.recurring) {
    throw errors.invalid(`The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      `${at}[${data ? 'price_data' : 'price'}]`);
  }
  return price;
}

export function checkTogether(items) {
  const [first] = items;
  for (const { price } of items) {
    if (!sameInterval(price.recurring, first.price.recurring)) {
      throw errors.invalid('Currently, all items in a subscription must have the same billing interval in the test double.', 'items');
    }
    if (price.currency !== first.price.currency) {
      throw errors.invalid('Currency of the price does not match that of the other items.', 'items');
    }
  }
}

const onlyExpand = request({});

export function retrieveSubscription({ double, args, params }) {
  onlyExpand(params);
  return findSubscription(double, args.id);
}

const STATUS_WORDS = {
  all: () => true,
  current: (one) => one.status !== 'canceled',
  ended: isOver,
};

const list = listing('subscription', '/v1/subscriptions', {
  created, customer: equal('customer'),
  price: { type: text(), test: (id, one) => one.items.data.some(({ price }) => price.id === id) },
  status: { type: text(), test: (wanted, one) => STATUS_WORDS[wanted]?.(one) ?? one.status === wanted },
});

// Canceled ones are listed only when asked for.
export const listSubscriptions = (call) => list({ ...call, params: { status: 'current', ...call.params } });

export function retrieveItem({ double, args, params }) {
  onlyExpand(params);
  return findItem(double, args.id).item;
}

export function findItem(double, id) {
  for (const subscription of double.store.values('subscription')) {
    const item = subscription.items.data.find((one) => one.id === id);
    if (item) return { subscription, item };
  }
  throw errors.notFound('subscription_item', id);
}

const itemParameters = request({
  subscription: (value) => value, limit: (value) => value, starting_after: (value) => value, ending_before: (value) => value,
}, { required: ['subscription'] });

export function listItems({ double, params }) {
  const given = itemParameters(params);
  const { items } = findSubscription(double, given.subscription, 'subscription');
  return { object: 'list', data: items.data, has_more: false, url: '/v1/subscription_items', expand: given.expand };
}
