// Subscription schedules, as far as a change at the end of the period needs them.

import { PRICE_DATA } from './catalog.mjs';
import { announce } from './event.mjs';
import { errors } from './errors.mjs';
import { newId } from './ids.mjs';
import { created, equal, listing } from './lists.mjs';
import { periodAt, boundary } from './period.mjs';
import { release } from './schedule_phase.mjs';
import { anything, integer, list, mergeMetadata, metadata, oneOf, request, shape, text } from './schema.mjs';
import { changeSubscription, findSubscription, periodOf, recurringPrice } from './subscription.mjs';
import { end } from './subscription_status.mjs';

const nowOr = (value, path) => (value === 'now' ? value : integer()(value, path));

const ITEM = shape({ price: text(), price_data: PRICE_DATA, quantity: integer({ min: 0 }), metadata, discounts: anything, tax_rates: anything });

const INTERVAL = shape({ interval: oneOf('day', 'week', 'month', 'year'), interval_count: integer({ min: 1 }) }, { required: ['interval'] });

const PHASE = shape({
  items: list(ITEM), start_date: nowOr, end_date: nowOr, duration: INTERVAL, iterations: integer({ min: 1 }), metadata,
  proration_behavior: text(), currency: text(), description: text(), default_payment_method: text(), discounts: anything, trial_end: nowOr,
  application_fee_percent: anything, billing_cycle_anchor: text(), collection_method: text(), transfer_data: anything, invoice_settings: anything,
}, { required: ['items'] });

const createParameters = request({ from_subscription: text(), metadata });

const updateParameters = request({
  default_settings: anything, end_behavior: oneOf('cancel', 'release'), metadata, phases: list(PHASE), proration_behavior: text(),
});

const phaseOf = (currency, items, { start, end: until }, more = {}) => ({
  add_invoice_items: [], application_fee_percent: null, billing_cycle_anchor: null, billing_thresholds: null, collection_method: null,
  currency, default_payment_method: null, default_tax_rates: [], description: null, discounts: [], end_date: until, invoice_settings: null,
  items: items.map(({ price, quantity, metadata: notes }) => ({
    billing_thresholds: null, discounts: [], metadata: notes ?? {}, plan: price, price, quantity: quantity ?? 1, tax_rates: [],
  })),
  metadata: {}, on_behalf_of: null, proration_behavior: 'create_prorations', start_date: start, transfer_data: null, trial_end: null, ...more,
});

const DEFAULTS = {
  application_fee_percent: null, automatic_tax: { disabled_reason: null, enabled: false, liability: null }, billing_cycle_anchor: 'automatic',
  billing_thresholds: null, collection_method: 'charge_automatically', default_payment_method: null, description: null,
  invoice_settings: { account_tax_ids: null, custom_fields: null, days_until_due: null, description: null, footer: null, issuer: { type: 'self' } },
  on_behalf_of: null, transfer_data: null,
};

export function createSchedule({ double, params }) {
  const given = createParameters(params);
  if (given.from_subscription === undefined) throw errors.missing('from_subscription');
  const subscription = findSubscription(double, given.from_subscription, 'from_subscription');
  if (subscription.schedule) {
    throw errors.invalid('You cannot migrate a subscription that is already attached to a schedule: ' + subscription.schedule, 'from_subscription');
  }
  const period = periodOf(subscription);
  const items = subscription.items.data.map(({ price, quantity, metadata: notes }) => ({ price: price.id, quantity, metadata: notes }));
  const schedule = {
    id: newId('sub_sched'), object: 'subscription_schedule', application: null, billing_mode: subscription.billing_mode, canceled_at: null,
    completed_at: null, created: double.clock.now(), current_phase: { end_date: period.end, start_date: period.start },
    customer: subscription.customer, customer_account: null, default_settings: DEFAULTS, end_behavior: 'release', livemode: false,
    metadata: given.metadata ?? {}, phases: [phaseOf(subscription.currency, items, period)], released_at: null, released_subscription: null,
    status: 'active', subscription: subscription.id, test_clock: null,
  };
  double.store.put('subscription_schedule', schedule.id, schedule);
  changeSubscription(double, subscription, { schedule: schedule.id });
  announce(double, 'subscription_schedule.created', schedule);
  return schedule;
}

function find(double, id) {
  const schedule = double.store.get('subscription_schedule', id);
  if (!schedule) throw errors.notFound('subscription_schedule', id, 'schedule');
  return schedule;
}

function active(double, id) {
  const schedule = find(double, id);
  if (schedule.status === 'active') return schedule;
  throw errors.invalid(`You can not modify a subscription schedule that is in the \`${schedule.status}\` status.`);
}

export function updateSchedule({ double, args, params }) {
  const given = updateParameters(params);
  const schedule = active(double, args.id);
  if (given.phases) schedule.phases = phasesOf(double, schedule, given.phases);
  if (given.end_behavior) schedule.end_behavior = given.end_behavior;
  schedule.metadata = mergeMetadata(schedule.metadata, given.metadata);
  double.store.put('subscription_schedule', schedule.id, schedule);
  announce(double, 'subscription_schedule.updated', schedule);
  return schedule;
}

// Each begins where the one before ends; the first must be the current one.
function phasesOf(double, schedule, given) {
  let start = schedule.current_phase.start_date;
  const having = double.store.get('subscription', schedule.subscription);
  return given.map((phase, i) => {
    const at = `phases[${i}][items]`;
    const prices = phase.items.map((item, j) => recurringPrice(double, item, `${at}[${j}]`, { having }));
    const from = typeof phase.start_date === 'number' ? phase.start_date : start;
    if (from !== start) throw errors.invalid('The phases of a schedule must follow one another without a gap.', `phases[${i}][start_date]`);
    const until = endOf(phase, from, prices[0].recurring, double.clock.now());
    start = until;
    return phaseOf(prices[0].currency, phase.items.map((item, j) => ({ ...item, price: prices[j].id })), { start: from, end: until },
      { metadata: phase.metadata ?? {}, proration_behavior: phase.proration_behavior ?? 'create_prorations' });
  });
}

function endOf({ end_date: until, duration, iterations }, start, recurring, now) {
  if (until !== undefined) return until === 'now' ? now : until;
  if (duration) return boundary(start, { interval_count: 1, ...duration }, 1);
  return iterations ? boundary(start, recurring, iterations) : periodAt(start, recurring, start).end;
}

const releaseParameters = request({ preserve_cancel_date: text() });

export function releaseSchedule({ double, args, params }) {
  releaseParameters(params);
  const schedule = active(double, args.id);
  release(double, schedule, double.store.get('subscription', schedule.subscription));
  announce(double, 'subscription_schedule.released', schedule);
  return schedule;
}

const cancelParameters = request({ invoice_now: text(), prorate: text() });

export function cancelSchedule({ double, args, params }) {
  cancelParameters(params);
  const schedule = active(double, args.id);
  Object.assign(schedule, { canceled_at: double.clock.now(), current_phase: null, status: 'canceled' });
  double.store.put('subscription_schedule', schedule.id, schedule);
  announce(double, 'subscription_schedule.canceled', schedule);
  end(double, double.store.get('subscription', schedule.subscription));
  return schedule;
}

const onlyExpand = request({});

export function retrieveSchedule({ double, args, params }) {
  onlyExpand(params);
  return find(double, args.id);
}

export const listSchedules = listing('subscription_schedule', '/v1/subscription_schedules', { created, customer: equal('customer') });
