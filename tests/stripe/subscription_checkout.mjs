// Paying a Checkout Session in subscription mode. As since 2025-03-31.basil, the subscription is made when it is paid for.

import { decline } from './cards.mjs';
import { addCustomer } from './customer.mjs';
import { openDispute } from './dispute.mjs';
import { emit } from './event.mjs';
import { feeFields, line, pieceDetails } from './invoice.mjs';
import { addIntent, complete, refuse, saveIntent, succeed } from './payment.mjs';
import { addPaymentMethod, attach } from './payment_method.mjs';
import { begin, trialEnd } from './subscription_create.mjs';
import { AUTOMATIC_TAX } from './tax.mjs';

const dataOf = (double, session) => double.store.get('subscription_data', session.id) ?? {};

// A card is asked for even when nothing is to be paid yet, unless the shop said otherwise.
export const needsMethod = (session) => session.amount_total > 0
  || (session.mode === 'subscription' && session.payment_method_collection === 'always');

// What is left of it for money: the customer's credit pays first. The session says the whole.
const payable = (double, { amount_total: total, customer }) =>
  Math.max(0, total + Math.min(0, double.store.get('customer', customer)?.balance ?? 0));

// The session never names it: its money belongs to the invoice.
function intentOf(double, session) {
  const amount = payable(double, session);
  const known = double.store.get('payment_intent', double.store.get('session_intent', session.id));
  if (known) return saveIntent(double, known, { amount });
  const intent = addIntent(double, {
    amount, currency: session.currency, customer: session.customer, description: 'Subscription creation',
    payment_method_types: session.payment_method_types, setup_future_usage: 'off_session',
    ...feeFields(dataOf(double, session), amount),
  });
  double.store.put('session_intent', session.id, intent.id);
  return intent;
}

export function paySubscription(double, session, method, buyer, methodId) {
  if (!needsMethod(session)) return finish(double, session, buyer, null);
  const id = methodId ?? addPaymentMethod(double, method, buyer).id;
  const paying = { id, method, billing: { email: buyer.email, name: buyer.name } };
  if (method.what === '3ds') return challenge(double, session, paying, buyer);
  if (method.what === 'decline') return declined(double, session, paying, method.because) ?? finish(double, session, buyer, paying);
  return finish(double, session, buyer, paying);
}

// Null for a card that may be saved: it will decline when it is charged.
function declined(double, session, paying, because) {
  if (payable(double, session) > 0) return { declined: refuse(double, intentOf(double, session), paying, because) };
  return paying.method.attach ? null : { declined: decline(because) };
}

function challenge(double, session, paying, buyer) {
  const url = `${double.options.publicUrl}/c/pay/${session.id}/3ds`;
  if (payable(double, session) > 0) {
    const intent = saveIntent(double, intentOf(double, session), {
      status: 'requires_action', payment_method: paying.id,
      next_action: { redirect_to_url: { return_url: session.success_url, url }, type: 'redirect_to_url' },
    });
    emit(double, 'payment_intent.requires_action', intent);
  }
  double.store.put('challenge', session.id, { paying, buyer });
  return { challenge: url };
}

export function subscriptionChallenge(double, session, { paying, buyer, passed }) {
  const because = passed ? paying.method.because : 'authentication';
  if (because) return declined(double, session, paying, because);
  return finish(double, session, buyer, paying);
}

function finish(double, session, buyer, paying) {
  session.customer ??= addCustomer(double, { email: buyer.email, name: buyer.name }).id;
  if (paying) attach(double, double.store.get('payment_method', paying.id), session.customer);
  const intent = payable(double, session) > 0 ? saveIntent(double, intentOf(double, session), { customer: session.customer }) : null;
  const charge = intent && succeed(double, intent, paying);
  const subscription = begin(double, valuesOf(double, session, paying),
    { discounts: session.discounts, intent, pieces: piecesOf(double, session) });
  complete(double, session, buyer, {
    invoice: subscription.latest_invoice, payment_status: session.amount_total > 0 ? 'paid' : 'no_payment_required', subscription: subscription.id,
  });
  const event = emit(double, 'checkout.session.completed', session);
  const then = charge && paying.method.then;
  if (then) openDispute(double, charge, { status: then.dispute, reason: then.reason });
  return { event };
}

const KEPT = ['application_fee_percent', 'description', 'on_behalf_of', 'transfer_data', 'trial_settings'];

function valuesOf(double, session, paying) {
  const data = dataOf(double, session);
  return {
    ...Object.fromEntries(KEPT.filter((name) => data[name] !== undefined).map((name) => [name, data[name]])),
    ...(session.automatic_tax.enabled ? { automatic_tax: AUTOMATIC_TAX } : {}),
    customer: session.customer, default_payment_method: paying?.id ?? null, items: linesOf(double, session, true),
    metadata: data.metadata, trial_end: trialEnd(double, data),
  };
}

const linesOf = (double, session, recurring) => double.store.get('line_items', session.id)
  .filter(({ price }) => Boolean(price.recurring) === recurring)
  .map(({ price, quantity, metadata, amount_subtotal: amount, description }) => ({ price, quantity, metadata, amount, description }));

// What is bought once goes on the first invoice.
const piecesOf = (double, session) => (subscription) => linesOf(double, session, false).map((item) => line(subscription, item, {
  amount: item.amount, description: item.description, parent: pieceDetails(subscription),
  period: { end: subscription.created, start: subscription.created },
}));
