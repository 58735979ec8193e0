// Control calls about subscriptions.

import { AFTER_RETRIES, billing, PRORATION_PARENTS, setBilling } from './billing.mjs';
import { recurringPrice } from './subscription.mjs';
import { addCustomer } from './customer.mjs';
import { addPaymentMethod, attach } from './payment_method.mjs';
import { cardOf, decline } from './cards.mjs';
import { only, need, find } from './control_check.mjs';
import { begin, trialEnd } from './subscription_create.mjs';
import { renderingOf } from './render.mjs';

const isCount = (value) => Number.isInteger(value) && value >= 0;

// How the account bills.
export async function billingCall(double, given) {
  only(given, 'finalize_after', 'retry_days', 'after_retries', 'proration_parent');
  const { finalize_after: after = 0, retry_days: days = [], after_retries: then = 'cancel', proration_parent: parent = PRORATION_PARENTS[0] } = given;
  need(isCount(after), 'finalize_after: seconds');
  need(Array.isArray(days) && days.every((day) => typeof day === 'number' && day > 0), 'retry_days: [days, …]');
  need(AFTER_RETRIES.includes(then), `after_retries: ${AFTER_RETRIES.join(', ')}`);
  need(PRORATION_PARENTS.includes(parent), `proration_parent: ${PRORATION_PARENTS.join(', ')}`);
  setBilling(double, given);
  return billing(double);
}

// In which version's shape events are made from now on.
export async function render(double, given) {
  const { events } = only(given, 'events');
  need(/^\d{4}-\d{2}-\d{2}(\.\w+)?$/.test(events ?? ''), 'events: an API version, such as 2025-02-24.acacia');
  double.store.put('setting', 'rendering', events);
  double.rendering = renderingOf(events);
  return { events, legacy: double.rendering.legacy !== null };
}

// The cards the customer has now decline from now on, or work again. A new card is not touched.
export async function failCard(double, given) {
  const { customer, subscription, fail = true, because = 'generic_decline' } = only(given, 'customer', 'subscription', 'fail', 'because');
  need(decline(because), `because: ${because} is no reason`);
  const id = customer ?? find(double, 'subscription', subscription).customer;
  find(double, 'customer', id);
  const methods = [...double.store.values('payment_method')].filter((one) => one.customer === id);
  need(methods.length > 0, 'this customer has no card');
  for (const { id: method } of methods) {
    const test = double.store.get('test_method', method);
    double.store.put('test_method', method, { ...test, failing: fail ? because : null });
  }
  return { customer: id, payment_methods: methods.map((one) => one.id), fail };
}

const numbered = (value, n) => (typeof value === 'string' ? value.replaceAll('{n}', n) : value);

const numberedAll = (values, n) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, numbered(String(value), n)]));

// Many subscriptions at once, each with a customer of its own. {n} in texts is their number.
export async function subscriptionCall(double, given) {
  only(given, 'count', 'price', 'metadata', 'quantity', 'card', 'email', 'trial_days', 'spread', 'first');
  const { count = 1, first = 1, spread = 0 } = given;
  need(isCount(count) && count > 0 && count <= 100_000, 'count: 1 to 100000');
  need(isCount(spread), 'spread: seconds');
  const price = recurringPrice(double, { price: given.price }, 'price');
  const card = cardOf(given.card ?? '4242424242424242');
  need(typeof card === 'object', 'card: not a test number');
  const now = double.clock.now();
  const ids = [];
  for (let i = 0; i < count; i += 1) {
    const at = now - Math.floor(spread * (count - i) / count);
    ids.push(double.clock.during(at, () => make(double, given, { price, card: { ...card }, n: first + i })));
    if (i % 250 === 249) double.store.commit();
  }
  return count <= 1000 ? { count, subscriptions: ids } : { count };
}

function make(double, { metadata = {}, quantity = 1, email = 'subscriber{n}@example.com', trial_days: days }, { price, card, n }) {
  const customer = addCustomer(double, { email: numbered(email, n), name: `Subscriber ${n}` });
  const method = addPaymentMethod(double, card, { email: customer.email, name: customer.name });
  attach(double, method, customer.id);
  const { id } = begin(double, {
    customer: customer.id, default_payment_method: method.id, items: [{ price, quantity }], metadata: numberedAll(metadata, n),
    trial_end: trialEnd(double, { trial_period_days: days }),
  });
  return id;
}
