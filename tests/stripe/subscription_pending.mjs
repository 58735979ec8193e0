// payment_behavior=pending_if_incomplete: the change waits until its invoice is paid, at most 23 hours.

import { announce } from './event.mjs';
import { decline } from './cards.mjs';
import { addInvoice, giveUp } from './invoice.mjs';
import { bill } from './invoice_pay.mjs';
import { changeSubscription } from './subscription.mjs';
import { takePending } from './subscription_life.mjs';
import { expiryFrom, wake } from './subscription_wake.mjs';

const NO_METHOD = {
  code: 'resource_missing', message: 'This customer has no attached payment source or default payment method.',
};

const REASONS = {
  decline: (because) => decline(because),
  action: () => ({
    code: 'subscription_payment_intent_requires_action',
    message: 'Payment for this subscription requires additional user action before it can be completed successfully.',
  }),
  none: () => NO_METHOD,
};

// Why a payment without the buyer would not succeed.
export const declinedAway = (what, because) => REASONS[what](because);

export function suspendChange(double, subscription, plan) {
  const invoice = addInvoice(double, subscription, [...takePending(double, subscription), ...plan.lines],
    { automatically_finalizes_at: null, billing_reason: 'subscription_update' });
  double.store.put('pending_change', subscription.id, { invoice: invoice.id, changes: plan.changes });
  changeSubscription(double, subscription, {
    latest_invoice: invoice.id,
    pending_update: {
      billing_cycle_anchor: plan.changes.billing_cycle_anchor ?? null, expires_at: expiryFrom(double.clock.now()),
      subscription_items: plan.changes.items.data, trial_end: plan.changes.trial_end ?? null, trial_from_plan: null,
    },
  });
  bill(double, invoice);
  wake(double, subscription);
  return subscription;
}

export function applyPending(double, subscription) {
  const { changes } = double.store.get('pending_change', subscription.id);
  double.store.remove('pending_change', subscription.id);
  changeSubscription(double, subscription, { ...changes, pending_update: null });
  announce(double, 'customer.subscription.pending_update_applied', subscription);
}

export function expirePending(double, subscription) {
  const { invoice: id } = double.store.get('pending_change', subscription.id);
  double.store.remove('pending_change', subscription.id);
  changeSubscription(double, subscription, { pending_update: null });
  announce(double, 'customer.subscription.pending_update_expired', subscription);
  const invoice = double.store.get('invoice', id);
  if (invoice.status === 'open') giveUp(double, invoice, 'void');
}
