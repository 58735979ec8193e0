// POST /v1/invoices/create_preview: what an invoice would be, without making it.

import { errors } from './errors.mjs';
import { draft, itemAmount, itemLine } from './invoice.mjs';
import { newId } from './ids.mjs';
import { periodAt } from './period.mjs';
import { planCancel, planChange } from './proration.mjs';
import {
  checkTogether, findSubscription, isOver, itemFields, itemOf, periodOf, recurringPrice, withPeriod,
} from './subscription.mjs';
import { pendingOf } from './subscription_life.mjs';
import { checkPreview } from './subscription_parameters.mjs';
import { lookUp } from './subscription_update.mjs';
import { nextPhase } from './schedule_phase.mjs';

export function createPreview({ double, params }) {
  const given = checkPreview(params);
  const details = given.subscription_details ?? {};
  if (given.subscription === undefined) return previewNew(double, given, details);
  const subscription = findSubscription(double, given.subscription, 'subscription');
  if (isOver(subscription)) throw none(subscription);
  const change = { ...details, items: lookUp(double, subscription, details.items, { keep: false }) };
  return shown(double, subscription, previewLines(double, subscription, change));
}

const CHANGES = ['items', 'billing_cycle_anchor', 'trial_end'];

function previewLines(double, subscription, change) {
  const pending = pendingOf(double, subscription);
  if (change.cancel_now) return [...pending, ...(change.proration_behavior === 'none' ? [] : planCancel(double, subscription))];
  const changed = change.items.length > 0 || CHANGES.slice(1).some((name) => change[name] !== undefined);
  const plan = changed ? planChange(double, subscription, change) : { changes: {}, lines: [], now: false };
  if (plan.now) return [...pending, ...plan.lines];
  return [...pending, ...plan.lines, ...next(double, { ...subscription, ...plan.changes }, change)];
}

// The period after this one, if there is one.
function next(double, subscription, { cancel_at_period_end: stop = subscription.cancel_at_period_end }) {
  const { end: start } = periodOf(subscription);
  const ends = stop || (subscription.cancel_at !== null && subscription.cancel_at <= start);
  if (ends || subscription.status === 'paused') return [];
  const items = nextPhase(double, subscription, start, { take: false })?.items ?? subscription.items.data;
  const period = { start, end: periodAt(subscription.billing_cycle_anchor, items[0].price.recurring, start).end };
  return withPeriod(items, period).map((item) => itemLine(double, subscription, item, period, itemAmount(item)));
}

const none = ({ customer }) => Object.assign(
  errors.coded('invoice_upcoming_none', `No upcoming invoices for customer: ${customer}`), { status: 404 });

function shown(double, subscription, lines) {
  if (lines.length === 0) throw none(subscription);
  const id = `upcoming_${newId('in')}`;
  const invoice = draft(double, subscription, lines, { id, auto_advance: false, automatically_finalizes_at: null, billing_reason: 'upcoming' });
  const at = lines.at(-1).period.start;
  const data = lines.map((line) => ({ ...line, invoice: id }));
  invoice.lines = { ...invoice.lines, data, has_more: false, url: `/v1/invoices/${id}/lines` };
  return { ...invoice, created: at, next_payment_attempt: at + 3600, period_end: at };
}

// The first invoice of a subscription that does not exist.
function previewNew(double, given, details) {
  if (!details.items?.length) throw errors.missing('subscription');
  const items = details.items.map((item, i) => ({
    ...item, price: recurringPrice(double, item, `subscription_details[items][${i}]`, { keep: false }),
  }));
  checkTogether(items);
  const now = double.clock.now();
  const trial = typeof details.trial_end === 'number';
  const period = { start: now, end: trial ? details.trial_end : periodAt(now, items[0].price.recurring, now).end };
  const subscription = {
    id: null, customer: given.customer ?? null, currency: items[0].price.currency, discounts: [], metadata: details.metadata ?? {},
    on_behalf_of: null,
    billing_cycle_anchor: now, ...itemFields(null, items.map((item) => itemOf(double, null, item, period))),
  };
  return shown(double, subscription, subscription.items.data.map((item) =>
    itemLine(double, subscription, item, period, trial ? 0 : itemAmount(item))));
}

export const upcomingOf = (double, subscription) => {
  try {
    return shown(double, subscription, previewLines(double, subscription, { items: [] }));
  } catch {
    return null;
  }
};
