// Ending, pausing and resuming by the API.

import { errors } from './errors.mjs';
import { addInvoice, itemAmount, itemLine } from './invoice.mjs';
import { bill } from './invoice_pay.mjs';
import { periodAt } from './period.mjs';
import { planCancel } from './proration.mjs';
import {
  changeSubscription, findSubscription, isOver, itemFields, periodOf, recurringOf, withPeriod,
} from './subscription.mjs';
import { addPending, pendingOf, takePending } from './subscription_life.mjs';
import { checkCancel, checkPause, checkResume } from './subscription_parameters.mjs';
import { end, paused, resumed } from './subscription_status.mjs';
import { wake } from './subscription_wake.mjs';

const notOver = (subscription) => {
  if (isOver(subscription)) throw errors.notFound('subscription', subscription.id);
  return subscription;
};

export function cancelSubscription({ double, args, params }) {
  const { invoice_now: now = false, prorate = false, cancellation_details: details } = checkCancel(params);
  const subscription = notOver(findSubscription(double, args.id));
  if (prorate) addPending(double, subscription, planCancel(double, subscription));
  if (now && pendingOf(double, subscription).length > 0) {
    const invoice = addInvoice(double, subscription, takePending(double, subscription),
      { automatically_finalizes_at: null, billing_reason: 'subscription_update' });
    subscription.latest_invoice = invoice.id;
    bill(double, invoice);
  }
  return isOver(subscription) ? subscription : end(double, subscription, details ? { reason: 'cancellation_requested', ...details } : {});
}

const PAUSABLE = ['active', 'trialing'];

export function pauseSubscription({ double, args, params }) {
  const given = checkPause(params);
  const subscription = notOver(findSubscription(double, args.id));
  if (!PAUSABLE.includes(subscription.status)) {
    throw errors.invalid('Only subscriptions with a status in ["active", "trialing"] can be paused. ' +
      `This one has a status of ${subscription.status}.`);
  }
  if (given.bill_for?.unused_time_from?.type === 'now') {
    addPending(double, subscription, planCancel(double, subscription));
  }
  return paused(double, subscription);
}

export function resumeSubscription({ double, args, params }) {
  const { billing_cycle_anchor: anchor = 'now', payment_behavior: behavior } = checkResume(params);
  const subscription = notOver(findSubscription(double, args.id));
  if (subscription.status !== 'paused') {
    throw errors.invalid(`Only paused subscriptions can be resumed. This one has a status of ${subscription.status}.`);
  }
  if (anchor === 'unchanged' && periodOf(subscription).end > double.clock.now()) resumed(double, subscription);
  else restart(double, subscription, anchor, behavior);
  wake(double, subscription);
  return subscription;
}

// A new period with a bill for it. The subscription resumes when that is paid, or, if so asked, when it was tried.
function restart(double, subscription, anchor, behavior = 'resume_on_payment_attempt') {
  const now = double.clock.now();
  const from = anchor === 'now' ? now : subscription.billing_cycle_anchor;
  const period = { start: now, end: periodAt(from, recurringOf(subscription), now).end };
  const items = withPeriod(subscription.items.data, period);
  const invoice = addInvoice(double, subscription, [
    ...takePending(double, subscription), ...items.map((item) => itemLine(double, subscription, item, period, itemAmount(item))),
  ], { automatically_finalizes_at: null, billing_reason: 'subscription_cycle' });
  changeSubscription(double, subscription,
    { ...itemFields(subscription.id, items), billing_cycle_anchor: from, latest_invoice: invoice.id });
  bill(double, invoice);
  if (subscription.status === 'paused' && behavior === 'resume_on_payment_attempt') {
    resumed(double, subscription);
    changeSubscription(double, subscription, { status: 'past_due' });
  }
}
