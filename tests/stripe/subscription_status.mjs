// What paid and unpaid invoices do to a subscription, and how it ends.

import { amend, announce } from './event.mjs';
import { billing } from './billing.mjs';
import { changeSubscription, isOver } from './subscription.mjs';
import { giveUp } from './invoice.mjs';
import { applyPending } from './subscription_pending.mjs';
import { wake } from './subscription_wake.mjs';

function setDelinquent(double, id, delinquent) {
  const customer = double.store.get('customer', id);
  if (!customer || customer.delinquent === delinquent) return;
  announce(double, 'customer.updated', customer, amend(double, 'customer', customer, { delinquent }));
}

const RECOVERS = ['incomplete', 'past_due', 'unpaid'];

export function paid(double, subscription, invoice) {
  if (!subscription || isOver(subscription)) return;
  setDelinquent(double, subscription.customer, false);
  if (double.store.get('pending_change', subscription.id)?.invoice === invoice.id) {
    applyPending(double, subscription);
  } else if (subscription.latest_invoice === invoice.id) {
    if (subscription.status === 'paused') resumed(double, subscription);
    else if (RECOVERS.includes(subscription.status)) changeSubscription(double, subscription, { status: 'active' });
    else return;
  } else {
    return;
  }
  wake(double, subscription);
}

const LAST = {
  cancel: (double, subscription) => end(double, subscription, { reason: 'payment_failed' }),
  unpaid: (double, subscription) => changeSubscription(double, subscription, { status: 'unpaid' }),
  past_due: () => {},
};

export function failed(double, subscription, invoice) {
  if (!subscription || isOver(subscription) || ['incomplete', 'paused'].includes(subscription.status)) return;
  setDelinquent(double, subscription.customer, true);
  if (double.store.get('pending_change', subscription.id)?.invoice === invoice.id) return;
  if (['active', 'trialing'].includes(subscription.status)) changeSubscription(double, subscription, { status: 'past_due' });
  if (invoice.next_payment_attempt === null) LAST[billing(double).after_retries](double, subscription);
  wake(double, subscription);
}

// No more tries for what is still open.
function stopCollecting(double, subscription) {
  const invoice = double.store.get('invoice', subscription.latest_invoice);
  if (!invoice || !['draft', 'open'].includes(invoice.status)) return;
  double.due.remove(invoice.id);
  const previous = amend(double, 'invoice', invoice,
    { auto_advance: false, automatically_finalizes_at: null, next_payment_attempt: null });
  if (Object.keys(previous).length > 0) announce(double, 'invoice.updated', invoice, previous);
}

export function end(double, subscription, { reason = 'cancellation_requested', comment = null, feedback = null } = {}) {
  const now = double.clock.now();
  const details = subscription.cancellation_details;
  amend(double, 'subscription', subscription, {
    canceled_at: subscription.canceled_at ?? now, ended_at: now, pause_collection: null, pending_update: null, status: 'canceled',
    cancellation_details: details.reason ? details : { comment, feedback, reason },
  });
  stopCollecting(double, subscription);
  double.store.remove('pending_change', subscription.id);
  double.due.remove(subscription.id);
  announce(double, 'customer.subscription.deleted', subscription);
  return subscription;
}

export function paused(double, subscription) {
  const previous = amend(double, 'subscription', subscription, { status: 'paused' });
  announce(double, 'customer.subscription.paused', subscription);
  announce(double, 'customer.subscription.updated', subscription, previous);
  wake(double, subscription);
  return subscription;
}

export function resumed(double, subscription, changes = {}) {
  const previous = amend(double, 'subscription', subscription, { ...changes, status: 'active' });
  announce(double, 'customer.subscription.resumed', subscription);
  announce(double, 'customer.subscription.updated', subscription, previous);
  return subscription;
}

// The first payment did not come within 23 hours.
export function expireIncomplete(double, subscription) {
  const invoice = double.store.get('invoice', subscription.latest_invoice);
  changeSubscription(double, subscription, { status: 'incomplete_expired', ended_at: double.clock.now() });
  if (invoice?.status === 'open') giveUp(double, invoice, 'void');
}
