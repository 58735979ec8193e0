// New subscriptions: by the API, by Checkout, and many at once for benchmarks.

import { checkDiscounts } from './discount.mjs';
import { announce } from './event.mjs';
import { errors } from './errors.mjs';
import { addInvoice, finalize, itemAmount, itemLine } from './invoice.mjs';
import { addDiscount, lastingDiscounts } from './invoice_discount.mjs';
import { attempt, defaultMethod, markPaid, outcomeOf } from './invoice_pay.mjs';
import { methodOfCustomer } from './payment_method.mjs';
import { changeSubscription, checkTogether, makeSubscription, periodOf, recurringPrice } from './subscription.mjs';
import { checkCreate } from './subscription_parameters.mjs';
import { declinedAway } from './subscription_pending.mjs';
import { warn } from './subscription_life.mjs';
import { wake } from './subscription_wake.mjs';
import { AUTOMATIC_TAX } from './tax.mjs';
import { DAY } from './clock.mjs';

const KEPT = ['application_fee_percent', 'cancel_at_period_end', 'customer', 'description', 'on_behalf_of', 'transfer_data', 'trial_settings',
  'billing_cycle_anchor', 'cancel_at'];

export function createSubscription({ double, params }) {
  const given = checkCreate(params);
  const customer = double.store.get('customer', given.customer);
  if (!customer) throw errors.noSuch('customer', given.customer, 'customer');
  const items = given.items.map((item, i) => ({ ...item, price: recurringPrice(double, item, `items[${i}]`) }));
  checkTogether(items);
  checkDiscounts(double, given.discounts ?? [], items[0].price.currency);
  const method = given.default_payment_method
    ? methodOfCustomer(double, given.default_payment_method, customer.id, 'default_payment_method') : null;
  const trial = trialEnd(double, given);
  if (!trial) refuse(double, given.payment_behavior, method ?? customer.invoice_settings.default_payment_method);
  const values = Object.fromEntries(KEPT.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]));
  if (given.automatic_tax?.enabled) values.automatic_tax = AUTOMATIC_TAX;
  return begin(double, {
    ...values, items, metadata: given.metadata, default_payment_method: method, trial_end: trial,
  }, { discounts: given.discounts, wait: given.payment_behavior === 'default_incomplete' });
}

function refuse(double, behavior, method) {
  if (!method && behavior !== 'default_incomplete') throw errors.noPaymentMethod();
  if (behavior !== 'error_if_incomplete') return;
  const { what, because } = outcomeOf(double, method);
  if (what !== 'pay') throw errors.declined(declinedAway(what, because));
}

export function trialEnd(double, { trial_end: at, trial_period_days: days }) {
  if (at !== undefined && days !== undefined) throw errors.onlyOne('trial_end', 'trial_period_days');
  if (days !== undefined) return double.clock.now() + days * DAY;
  return at === undefined || at === 'now' ? null : at;
}

// Makes the subscription, its first invoice, and has it paid. `intent`: has paid already (Checkout).
// `pieces`: makes lines that are bought only once. `wait`: someone pays it later.
export function begin(double, values, { discounts = [], intent = null, pieces = () => [], wait = false } = {}) {
  const subscription = makeSubscription(double, values);
  subscription.discounts = discounts.map((one) => addDiscount(double, subscription, one).id);
  const trial = subscription.status === 'trialing';
  const lines = [
    ...subscription.items.data.map((item) =>
      itemLine(double, subscription, item, periodOf(subscription), trial ? 0 : itemAmount(item))),
    ...pieces(subscription),
  ];
  const known = defaultMethod(double, subscription);
  const needs = !intent && !trial && (wait || outcomeOf(double, known).what !== 'pay');
  if (needs) subscription.status = 'incomplete';
  // Before 2025-03-31.basil even Checkout's began so.
  const legacy = double.rendering.legacy && intent;
  announce(double, 'customer.subscription.created', legacy ? { ...subscription, status: 'incomplete' } : subscription);
  const invoice = addInvoice(double, subscription, lines, { automatically_finalizes_at: null, billing_reason: 'subscription_create' });
  subscription.latest_invoice = invoice.id;
  subscription.discounts = lastingDiscounts(double, subscription);
  settle(double, subscription, finalize(double, invoice, intent), { intent, wait });
  if (legacy) announce(double, 'customer.subscription.updated', subscription, { status: 'incomplete' });
  return started(double, subscription);
}

function settle(double, subscription, invoice, { intent, wait }) {
  if (invoice.amount_due === 0 || intent) markPaid(double, invoice, { tries: 0 });
  else if (!wait) attempt(double, invoice);
}

function started(double, subscription) {
  if (subscription.trial_end !== null && subscription.trial_end - double.clock.now() <= 3 * DAY) warn(double, subscription);
  if (subscription.cancel_at_period_end) {
    changeSubscription(double, subscription, { cancel_at: periodOf(subscription).end, canceled_at: double.clock.now() });
  }
  wake(double, subscription);
  return double.store.put('subscription', subscription.id, subscription);
}
