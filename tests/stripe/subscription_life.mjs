// What time does to subscriptions: trials end, periods roll, pauses and subscriptions end.

import { announce } from './event.mjs';
import { addInvoice, itemAmount, itemLine } from './invoice.mjs';
import { defaultMethod, hold, later } from './invoice_pay.mjs';
import { lastingDiscounts } from './invoice_discount.mjs';
import { periodAt, sameInterval } from './period.mjs';
import { nextPhase } from './schedule_phase.mjs';
import {
  changeSubscription, isOver, itemFields, periodOf, recurringOf, withPeriod,
} from './subscription.mjs';
import { expirePending } from './subscription_pending.mjs';
import { end, expireIncomplete, paused } from './subscription_status.mjs';
import { cancelAt, collectAgainAt, incompleteUntil, pendingUntil, renewAt, wake, warnAt } from './subscription_wake.mjs';

const STEPS = [
  [(_, one) => incompleteUntil(one), expireIncomplete],
  [(_, one) => pendingUntil(one), expirePending],
  [(_, one) => collectAgainAt(one), (double, one) => changeSubscription(double, one, { pause_collection: null })],
  [warnAt, warn],
  [(_, one) => cancelAt(one), (double, one) => end(double, one)],
  [(_, one) => renewAt(one), renew],
];

export function subscriptionDue(double, subscription) {
  const now = double.clock.now();
  for (const [time, act] of STEPS) {
    if (isOver(subscription)) break;
    const at = time(double, subscription);
    if (at !== null && at <= now) act(double, subscription);
  }
  wake(double, subscription);
}

export function warn(double, subscription) {
  double.store.put('trial_warned', subscription.id, subscription.trial_end);
  announce(double, 'customer.subscription.trial_will_end', subscription);
}

const WITHOUT_CARD = {
  cancel: (double, subscription) => end(double, subscription),
  pause: paused,
};

// What is to be done when the trial ends and there is no card, if that is not to bill all the same.
export function withoutCard(double, subscription) {
  if (subscription.status !== 'trialing' || defaultMethod(double, subscription)) return null;
  return WITHOUT_CARD[subscription.trial_settings.end_behavior.missing_payment_method] ?? null;
}

function renew(double, subscription) {
  const way = withoutCard(double, subscription);
  if (way) return way(double, subscription);
  const { end: start } = periodOf(subscription);
  const phase = nextPhase(double, subscription, start);
  const recurring = phase ? phase.items[0].price.recurring : recurringOf(subscription);
  const moved = !sameInterval(recurring, recurringOf(subscription));
  const anchor = moved ? start : subscription.billing_cycle_anchor;
  const period = { start, end: periodAt(anchor, recurring, start).end };
  return roll(double, subscription, withPeriod(phase?.items ?? subscription.items.data, period), { billing_cycle_anchor: anchor });
}

// A new period with its invoice.
function roll(double, subscription, items, changes) {
  const invoice = addInvoice(double, subscription, [...takePending(double, subscription), ...cycleLines(double, subscription, items)],
    { billing_reason: 'subscription_cycle' });
  changeSubscription(double, subscription, {
    ...changes, ...itemFields(subscription.id, items), latest_invoice: invoice.id,
    ...(subscription.status === 'trialing' ? { status: 'active' } : {}),
    ...(subscription.discounts.length > 0 ? { discounts: lastingDiscounts(double, subscription) } : {}),
  });
  if (subscription.pause_collection?.behavior === 'keep_as_draft' || subscription.status === 'unpaid') hold(double, invoice);
  else later(double, invoice);
}

export const cycleLines = (double, subscription, items) => items.map((item) => itemLine(double, subscription, item,
  { start: item.current_period_start, end: item.current_period_end }, itemAmount(item)));

// Proration lines that waited for the next invoice.
export function takePending(double, subscription) {
  const lines = double.store.get('pending_lines', subscription.id) ?? [];
  if (lines.length > 0) double.store.remove('pending_lines', subscription.id);
  return lines;
}

export const pendingOf = (double, subscription) => double.store.get('pending_lines', subscription.id) ?? [];

export function addPending(double, subscription, lines) {
  if (lines.length === 0) return;
  double.store.put('pending_lines', subscription.id, [...pendingOf(double, subscription), ...lines]);
}
