// Paying invoices: at once, an hour after a renewal, and again after some days when the card did not pay.

import { amend, announce } from './event.mjs';
import { billing } from './billing.mjs';
import { DAY } from './clock.mjs';
import { finalize, giveUp, subscriptionOf } from './invoice.mjs';
import { intentFor, invoicePaymentPaid } from './invoice_payment.mjs';
import { refuse, succeed } from './payment.mjs';
import { openDispute } from './dispute.mjs';
import { failed, paid } from './subscription_status.mjs';

export function defaultMethod(double, subscription, invoice) {
  const customer = double.store.get('customer', subscription?.customer ?? invoice?.customer);
  return invoice?.default_payment_method ?? subscription?.default_payment_method
    ?? customer?.invoice_settings.default_payment_method ?? null;
}

// What a card does when the buyer is away (or, `present`, before the page).
export function outcomeOf(double, methodId, { present = false } = {}) {
  const method = methodId && double.store.get('test_method', methodId);
  if (!method) return { what: 'none' };
  if (method.type === 'sepa_debit') return method.outcome === 'failed' ? { what: 'decline', because: 'generic_decline' } : { what: 'pay' };
  if (method.failing) return { what: 'decline', because: method.failing };
  if (method.what !== '3ds') return method;
  return method.offSession && !present ? { what: 'pay' } : { what: 'action' };
}

function payingWith(double, id) {
  const { email, name } = double.store.get('payment_method', id).billing_details;
  return { id, method: double.store.get('test_method', id), billing: { email, name } };
}

const OUTCOMES = {
  pay: (double, invoice, intent, methodId, { manual }) => {
    const paying = payingWith(double, methodId);
    const charge = succeed(double, intent, paying);
    markPaid(double, invoice, manual ? { tries: Math.max(1, invoice.attempt_count) } : {});
    const { then } = paying.method;
    if (then) openDispute(double, charge, { status: then.dispute, reason: then.reason });
  },
  decline: (double, invoice, intent, methodId, { because, manual }) => {
    refuse(double, intent, payingWith(double, methodId), because);
    markFailed(double, invoice, { manual });
  },
  action: (double, invoice, intent, methodId, { manual }) => {
    const url = invoice.hosted_invoice_url;
    amend(double, 'payment_intent', intent, {
      status: 'requires_action', payment_method: methodId,
      next_action: { redirect_to_url: { return_url: url, url }, type: 'redirect_to_url' },
    });
    announce(double, 'payment_intent.requires_action', intent);
    markFailed(double, invoice, { manual, also: 'invoice.payment_action_required' });
  },
  none: (double, invoice) => markFailed(double, invoice),
};

// One try. Gives what came of it: pay, decline, action or none. `manual`: somebody asked for it, it is no automatic retry.
export function attempt(double, invoice, how = {}) {
  const { method = defaultMethod(double, subscriptionOf(double, invoice), invoice), present, manual = false } = how;
  const outcome = outcomeOf(double, method, { present });
  const intent = intentFor(double, invoice);
  OUTCOMES[outcome.what](double, invoice, intent, method, { ...outcome, manual });
  return outcome;
}

// `tries`: how many there have been with this one; `out`: paid outside of Stripe.
export function markPaid(double, invoice, { tries = invoice.attempt_count + 1, out = false } = {}) {
  Object.assign(invoice, {
    amount_paid: invoice.amount_due, amount_remaining: 0, attempt_count: tries, attempted: true, auto_advance: false,
    next_payment_attempt: null, status: 'paid', status_transitions: { ...invoice.status_transitions, paid_at: double.clock.now() },
  });
  double.store.put('invoice', invoice.id, invoice);
  double.due.remove(invoice.id);
  if (!out) invoicePaymentPaid(double, invoice);
  announce(double, 'invoice.paid', invoice);
  if (!out) announce(double, 'invoice.payment_succeeded', invoice);
  paid(double, subscriptionOf(double, invoice), invoice);
  return invoice;
}

// A try that somebody asked for leaves the retries as they were, unless it was the first one.
function markFailed(double, invoice, { manual = false, also } = {}) {
  const subscription = subscriptionOf(double, invoice);
  if (!(manual && invoice.attempt_count > 0)) schedule(double, subscription, invoice);
  if (also) announce(double, also, invoice);
  announce(double, 'invoice.payment_failed', invoice);
  if (!manual) failed(double, subscription, invoice);
}

function schedule(double, subscription, invoice) {
  const retries = subscription?.status !== 'incomplete' && !subscription?.pending_update && invoice.auto_advance;
  const days = retries ? billing(double).retry_days[invoice.attempt_count] : undefined;
  const next = days === undefined ? null : double.clock.now() + days * DAY;
  Object.assign(invoice, {
    attempt_count: invoice.attempt_count + 1, attempted: true, auto_advance: next !== null, next_payment_attempt: next,
  });
  double.store.put('invoice', invoice.id, invoice);
  if (next !== null) double.due.put(invoice.id, { invoice: invoice.id, at: next, what: 'invoice' });
}

// draft -> open -> paid if it can be.
export function bill(double, invoice, how) {
  finalize(double, invoice);
  if (invoice.amount_due === 0) return markPaid(double, invoice, { tries: 0 });
  attempt(double, invoice, how);
  return invoice;
}

const PAUSED = {
  void: (double, invoice) => giveUp(double, finalize(double, invoice), 'void'),
  mark_uncollectible: (double, invoice) => giveUp(double, finalize(double, invoice), 'uncollectible'),
  keep_as_draft: (double, invoice) => hold(double, invoice),
};

// It stays a draft until someone finalises it.
export function hold(double, invoice) {
  amend(double, 'invoice', invoice, { auto_advance: false, automatically_finalizes_at: null });
  double.due.remove(invoice.id);
}

// An hour after it was made, or when the next try is due.
export function invoiceDue(double, invoice) {
  if (invoice?.status === 'open') attempt(double, invoice);
  if (invoice?.status !== 'draft') return;
  const { pause_collection: pause } = subscriptionOf(double, invoice) ?? {};
  if (pause) PAUSED[pause.behavior](double, invoice);
  else bill(double, invoice);
}

export function later(double, invoice) {
  double.due.put(invoice.id, { invoice: invoice.id, at: invoice.automatically_finalizes_at, what: 'invoice' });
}
