// POST /v1/subscriptions/:id and the items: changing a subscription.

import { DAY } from './clock.mjs';
import { changeSubscription, checkTogether, findItem, findSubscription, isOver, periodOf, recurringPrice } from './subscription.mjs';
import { errors } from './errors.mjs';
import { addInvoice, draft } from './invoice.mjs';
import { bill, defaultMethod, outcomeOf } from './invoice_pay.mjs';
import { methodOfCustomer } from './payment_method.mjs';
import { mergedItems, planChange } from './proration.mjs';
import { mergeMetadata } from './schema.mjs';
import { addPending, pendingOf, takePending, warn, withoutCard } from './subscription_life.mjs';
import { declinedAway, suspendChange } from './subscription_pending.mjs';
import { checkUpdate, ITEM_CHANGE } from './subscription_parameters.mjs';
import { wake } from './subscription_wake.mjs';

export function updateSubscription({ double, args, params }) {
  const given = checkUpdate(params);
  const subscription = findSubscription(double, args.id);
  refuseWhenOver(subscription, given);
  refuseWhenScheduled(subscription, given);
  return applyUpdate(double, subscription, given);
}

function refuseWhenOver(subscription, given) {
  const harmless = ['metadata', 'cancellation_details', 'expand'];
  if (isOver(subscription) && Object.keys(given).some((name) => !harmless.includes(name))) {
    throw errors.invalid('A canceled subscription can only update its cancellation_details and metadata.');
  }
}

// Its end and its pauses are the schedule's to say.
function refuseWhenScheduled(subscription, given) {
  if (subscription.schedule && (given.cancel_at_period_end !== undefined || given.cancel_at !== undefined || given.pause_collection)) {
    throw errors.invalid(`The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating any cancelation`
      + ' behavior directly is not allowed. Please update the schedule instead.');
  }
}

const BILLS = ['items', 'billing_cycle_anchor', 'trial_end'];

function applyUpdate(double, subscription, given) {
  const fields = plainFields(double, subscription, given);
  const billed = BILLS.some((name) => given[name] !== undefined) && given.billing_cycle_anchor !== 'unchanged';
  const changing = billed || given.items !== undefined || given.trial_end !== undefined;
  if (!changing) {
    changeSubscription(double, subscription, fields);
    wake(double, subscription);
    return subscription;
  }
  const change = { ...given, items: lookUp(double, subscription, given.items) };
  checkTrialEnd(double, given.trial_end);
  const way = given.trial_end === 'now' && withoutCard(double, { ...subscription, ...fields });
  if (way) return endTrial(double, subscription, fields, way);
  checkTogether(mergedItems(double, subscription, change.items));
  return carryOut(double, subscription, planChange(double, subscription, change), { fields, behavior: given.payment_behavior });
}

function endTrial(double, subscription, fields, way) {
  changeSubscription(double, subscription, { ...fields, trial_end: double.clock.now() });
  warn(double, subscription);
  return way(double, subscription);
}

function checkTrialEnd(double, end) {
  if (typeof end !== 'number') return;
  const now = double.clock.now();
  if (end <= now) throw errors.invalid('Invalid timestamp: must be an integer Unix timestamp in the future.', 'trial_end');
  if (end > now + 5 * 366 * DAY) throw errors.invalid('Invalid timestamp: can be no more than five years in the future.', 'trial_end');
}

// Ids of prices become prices.
export function lookUp(double, subscription, items = [], how) {
  return items.map((item, i) => {
    const at = `items[${i}]`;
    if (item.id !== undefined && !subscription.items.data.some(({ id }) => id === item.id)) {
      throw errors.noSuch('subscription_item', item.id, `${at}[id]`);
    }
    const named = item.price !== undefined || item.price_data !== undefined;
    if (item.id === undefined && !named) throw errors.missing(`${at}[price]`);
    return { ...item, price: named ? recurringPrice(double, item, at, { ...how, having: subscription }) : undefined };
  });
}

// plan: see planChange. `behavior` says what a payment that fails does to the change.
export function carryOut(double, subscription, plan, { fields = {}, behavior = 'allow_incomplete' } = {}) {
  if (plan.now && behavior !== 'allow_incomplete' && subscription.status !== 'trialing') {
    const refused = wouldFail(double, subscription, plan, fields);
    if (refused && behavior === 'error_if_incomplete') throw errors.declined(refused);
    if (refused && behavior === 'pending_if_incomplete') return suspendChange(double, subscription, plan);
  }
  return apply(double, subscription, plan, fields);
}

function wouldFail(double, subscription, plan, fields) {
  const changed = { ...subscription, ...fields };
  if (draft(double, changed, [...pendingOf(double, subscription), ...plan.lines]).amount_due === 0) return null;
  const { what, because } = outcomeOf(double, defaultMethod(double, changed));
  return what === 'pay' ? null : declinedAway(what, because);
}

export function apply(double, subscription, plan, fields = {}) {
  if (!plan.now) {
    addPending(double, subscription, plan.lines);
    changeSubscription(double, subscription, { ...fields, ...plan.changes });
    after(double, subscription, plan);
    return subscription;
  }
  const lines = [...takePending(double, subscription), ...plan.lines];
  const invoice = addInvoice(double, { ...subscription, ...fields }, lines,
    { automatically_finalizes_at: null, billing_reason: 'subscription_update' });
  changeSubscription(double, subscription, { ...fields, ...plan.changes, latest_invoice: invoice.id });
  bill(double, invoice);
  after(double, subscription, plan);
  return subscription;
}

// A trial that ends soon or at once is told at once.
function after(double, subscription, { changes }) {
  const end = changes.trial_end;
  if (end !== undefined && end - double.clock.now() <= 3 * DAY) warn(double, subscription);
  wake(double, subscription);
}

const KEPT = ['application_fee_percent', 'description', 'transfer_data', 'trial_settings', 'on_behalf_of', 'days_until_due'];

function plainFields(double, subscription, given) {
  const fields = Object.fromEntries(KEPT.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]));
  if (given.metadata !== undefined) fields.metadata = mergeMetadata(subscription.metadata, given.metadata);
  if (given.default_payment_method !== undefined) {
    fields.default_payment_method = given.default_payment_method === null ? null
      : methodOfCustomer(double, given.default_payment_method, subscription.customer, 'default_payment_method');
  }
  if (given.pause_collection !== undefined) {
    fields.pause_collection = given.pause_collection && { resumes_at: null, ...given.pause_collection };
  }
  return { ...fields, ...cancelFields(double, subscription, given) };
}

const UNDONE = { cancel_at: null, cancel_at_period_end: false, canceled_at: null };

export function cancelFields(double, subscription, { cancel_at_period_end: atEnd, cancel_at: at, cancellation_details: given }) {
  const details = given ? { ...subscription.cancellation_details, ...given } : subscription.cancellation_details;
  if (atEnd === undefined && at === undefined) return given ? { cancellation_details: details } : {};
  if (atEnd === false || at === null) {
    return { ...UNDONE, cancellation_details: { ...details, reason: null, ...(given ?? { comment: null, feedback: null }) } };
  }
  const end = periodOf(subscription).end;
  const ends = { min_period_end: end, max_period_end: end };
  return {
    cancel_at: atEnd ? end : ends[at] ?? at, cancel_at_period_end: atEnd ?? (ends[at] !== undefined),
    canceled_at: subscription.canceled_at ?? double.clock.now(), cancellation_details: { ...details, reason: 'cancellation_requested' },
  };
}

// The items of their own.

export function createItem({ double, params }) {
  const { subscription: id, expand: _, ...given } = ITEM_CHANGE(params);
  if (id === undefined) throw errors.missing('subscription');
  const { proration_behavior, proration_date, payment_behavior, ...item } = given;
  const subscription = findSubscription(double, id, 'subscription');
  applyUpdate(double, subscription, { items: [item], proration_behavior, proration_date, payment_behavior });
  return subscription.items.data.at(-1);
}

export function updateItem({ double, args, params }) {
  const { expand: _, proration_behavior, proration_date, payment_behavior, ...item } = ITEM_CHANGE(params);
  const { subscription } = findItem(double, args.id);
  applyUpdate(double, subscription, { items: [{ ...item, id: args.id }], proration_behavior, proration_date, payment_behavior });
  return findItem(double, args.id).item;
}

export function deleteItem({ double, args, params }) {
  const { proration_behavior, proration_date } = ITEM_CHANGE(params);
  const { subscription } = findItem(double, args.id);
  applyUpdate(double, subscription, { items: [{ id: args.id, deleted: true }], proration_behavior, proration_date });
  return { id: args.id, object: 'subscription_item', deleted: true };
}

