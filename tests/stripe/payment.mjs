// Taking the money: PaymentIntent and charge of a session or of their own, and the events they cause.

import { addCustomer } from './customer.mjs';
import { decline } from './cards.mjs';
import { DAY } from './clock.mjs';
import { redeem } from './discount.mjs';
import { openDispute } from './dispute.mjs';
import { amend, announce, emit } from './event.mjs';
import { newId, randomText } from './ids.mjs';
import { fresh, shallow } from './objects.mjs';
import { addPaymentMethod } from './payment_method.mjs';
import { customerDetails, locate } from './session.mjs';
import { paySubscription, subscriptionChallenge } from './subscription_checkout.mjs';
import { addTransaction } from './balance.mjs';
import { chargeDetails } from './charge.mjs';

export function addIntent(double, values) {
  const id = newId('pi');
  const intent = shallow('payment_intent', {
    created: double.clock.now(), metadata: {}, ...values, id, client_secret: `${id}_secret_${randomText(25)}`,
  });
  double.store.put('payment_intent', id, intent);
  announce(double, 'payment_intent.created', intent);
  return intent;
}

export function intentOf(double, session) {
  if (session.payment_intent) return double.store.get('payment_intent', session.payment_intent);
  const data = double.store.get('payment_intent_data', session.id) ?? {};
  const intent = addIntent(double, {
    amount: session.amount_total, currency: session.currency, customer: session.customer,
    metadata: data.metadata ?? {}, description: data.description ?? null,
    application_fee_amount: data.application_fee_amount ?? null, on_behalf_of: data.on_behalf_of ?? null,
    payment_method_types: session.payment_method_types, receipt_email: data.receipt_email ?? null,
    setup_future_usage: data.setup_future_usage ?? null, shipping: data.shipping ?? null,
    statement_descriptor: data.statement_descriptor ?? null,
    statement_descriptor_suffix: data.statement_descriptor_suffix ?? null,
    transfer_data: data.transfer_data ?? null, transfer_group: data.transfer_group ?? null,
  });
  session.payment_intent = intent.id;
  double.store.put('session', session.id, session);
  return intent;
}

export const saveIntent = (double, intent, values) => double.store.put('payment_intent', intent.id, Object.assign(intent, values));

export function addCharge(double, intent, { id: methodId, method, billing }, values) {
  const charge = shallow('charge', {
    id: newId(method.type === 'card' ? 'ch' : 'py'),
    amount: intent.amount, created: double.clock.now(), currency: intent.currency, customer: intent.customer,
    description: intent.description, metadata: { ...intent.metadata }, payment_intent: intent.id, payment_method: methodId,
    application_fee_amount: intent.application_fee_amount, on_behalf_of: intent.on_behalf_of,
    receipt_email: intent.receipt_email, shipping: intent.shipping, transfer_data: intent.transfer_data,
    destination: intent.transfer_data?.destination ?? null, transfer_group: intent.transfer_group,
    payment_method_details: chargeDetails(method, intent.amount), ...values,
  });
  charge.billing_details = { ...charge.billing_details, ...billing };
  double.store.put('charge', charge.id, charge);
  saveIntent(double, intent, { latest_charge: charge.id, payment_method: methodId });
  return charge;
}

// A card that pays: charge and intent succeed at once.
export function succeed(double, intent, paying) {
  saveIntent(double, intent, { next_action: null, last_payment_error: null, status: 'succeeded', amount_received: intent.amount });
  const charge = addCharge(double, intent, paying, { status: 'succeeded', paid: true, captured: true, amount_captured: intent.amount });
  announce(double, 'charge.succeeded', charge);
  announce(double, 'payment_intent.succeeded', intent);
  book(double, charge);
  return charge;
}

// Stripe's asynchronous capture: the ledger entry comes a moment after the charge.
function book(double, charge) {
  const previous = amend(double, 'charge', charge, {
    balance_transaction: addTransaction(double, { charge, amount: charge.amount, type: 'charge' }).id,
    receipt_url: `${double.options.publicUrl}/receipts/${charge.id}`,
  });
  announce(double, 'charge.updated', charge, previous);
}

// A card that does not pay; the session stays open for another try.
export function refuse(double, intent, paying, name) {
  const reason = decline(name);
  const charge = name === 'authentication' ? null : addCharge(double, intent, paying, failure(reason));
  saveIntent(double, intent, {
    status: 'requires_payment_method', next_action: null, payment_method: null,
    last_payment_error: {
      ...(charge ? { charge: charge.id } : {}), code: reason.code, ...(reason.declineCode ? { decline_code: reason.declineCode } : {}),
      doc_url: `https://stripe.com/docs/error-codes/${reason.code.replaceAll('_', '-')}`, message: reason.message,
      payment_method: structuredClone(double.store.get('payment_method', paying.id)), type: 'card_error',
    },
  });
  if (charge) announce(double, 'charge.failed', charge);
  announce(double, 'payment_intent.payment_failed', intent);
  return reason;
}

function failure(reason) {
  const outcome = fresh('charge').outcome;
  return {
    status: 'failed', failure_code: reason.code, failure_message: reason.message,
    outcome: {
      ...outcome, network_status: 'declined_by_network', reason: reason.declineCode ?? reason.code,
      seller_message: 'The bank returned the decline code.', type: 'issuer_declined',
    },
  };
}

export function complete(double, session, buyer, values) {
  if (!session.customer && session.customer_creation === 'always') {
    session.customer = addCustomer(double, { email: buyer.email, name: buyer.name }).id;
  }
  Object.assign(session, { status: 'complete', url: null, customer_details: customerDetails(buyer), ...values });
  for (const discount of session.discounts) redeem(double, discount);
  double.store.remove('due', session.id);
  double.store.remove('challenge', session.id);
  return double.store.put('session', session.id, session);
}

const WAYS = {
  pay: (double, session, paying, buyer) => {
    const charge = succeed(double, intentOf(double, session), paying);
    return finishPaid(double, session, buyer, paying, charge);
  },
  decline: (double, session, paying) => ({ declined: refuse(double, intentOf(double, session), paying, paying.method.because) }),
  '3ds': (double, session, paying, buyer) => {
    const intent = intentOf(double, session);
    const url = `${double.options.publicUrl}/c/pay/${session.id}/3ds`;
    saveIntent(double, intent, {
      status: 'requires_action', payment_method: paying.id,
      next_action: { redirect_to_url: { return_url: session.success_url, url }, type: 'redirect_to_url' },
    });
    emit(double, 'payment_intent.requires_action', intent);
    double.store.put('challenge', session.id, { paying, buyer });
    return { challenge: url };
  },
  debit: (double, session, paying, buyer) => {
    const intent = intentOf(double, session);
    const charge = addCharge(double, intent, paying, { status: 'pending' });
    saveIntent(double, intent, { status: 'processing' });
    emit(double, 'payment_intent.processing', intent);
    emit(double, 'charge.pending', charge);
    complete(double, session, buyer, { payment_status: 'unpaid' });
    double.due.put(session.id, {
      session: session.id, at: double.clock.now() + DAY, what: 'settle', outcome: paying.method.outcome,
    });
    return { event: emit(double, 'checkout.session.completed', session) };
  },
};

function finishPaid(double, session, buyer, { method }, charge) {
  complete(double, session, buyer, { payment_status: 'paid' });
  saveIntent(double, double.store.get('payment_intent', session.payment_intent), { customer: session.customer });
  if (charge.customer !== session.customer) {
    double.store.put('charge', charge.id, Object.assign(charge, { customer: session.customer }));
  }
  const event = emit(double, 'checkout.session.completed', session);
  if (method.then) openDispute(double, charge, { status: method.then.dispute, reason: method.then.reason });
  return { event };
}

// One try to pay an open session. Gives { event } when completed, { declined } or { challenge } when not.
// `method` comes from cards.mjs; a session that costs nothing needs none.
export function paySession(double, session, method, buyer, methodId) {
  locate(double, session);
  if (session.mode === 'subscription') return paySubscription(double, session, method, buyer, methodId);
  if (session.amount_total === 0) {
    complete(double, session, buyer, { payment_status: 'no_payment_required' });
    return { event: emit(double, 'checkout.session.completed', session) };
  }
  const id = methodId ?? addPaymentMethod(double, method, buyer).id;
  const paying = { id, method, billing: { email: buyer.email, name: buyer.name } };
  const intent = session.payment_intent && double.store.get('payment_intent', session.payment_intent);
  if (intent) saveIntent(double, intent, { amount: session.amount_total });
  const way = method.type === 'sepa_debit' ? 'debit' : method.what;
  return WAYS[way](double, session, paying, buyer);
}

// The answer of the 3-D Secure page.
export function answerChallenge(double, session, passed) {
  const { paying, buyer } = double.store.get('challenge', session.id);
  double.store.remove('challenge', session.id);
  if (session.mode === 'subscription') return subscriptionChallenge(double, session, { paying, buyer, passed });
  const intent = intentOf(double, session);
  const because = passed ? paying.method.because : 'authentication';
  if (because) return { declined: refuse(double, intent, paying, because) };
  return finishPaid(double, session, buyer, paying, succeed(double, intent, paying));
}

// A bank debit is known days later.
export function settleDebit(double, session, outcome) {
  const intent = double.store.get('payment_intent', session.payment_intent);
  const charge = double.store.get('charge', intent.latest_charge);
  if (outcome === 'succeeded') {
    Object.assign(charge, { status: 'succeeded', paid: true, captured: true, amount_captured: charge.amount });
    saveIntent(double, intent, { status: 'succeeded', amount_received: intent.amount });
    charge.balance_transaction = addTransaction(double, { charge, amount: charge.amount, type: 'payment' }).id;
    session.payment_status = 'paid';
  } else {
    const reason = { code: 'payment_method_provider_decline', message: 'The debit was refused by the bank.' };
    Object.assign(charge, failure(reason));
    saveIntent(double, intent, {
      status: 'requires_payment_method', payment_method: null,
      last_payment_error: {
        charge: charge.id, code: 'payment_intent_payment_attempt_failed', message: reason.message, type: 'card_error',
      },
    });
  }
  double.store.put('charge', charge.id, charge);
  double.store.put('session', session.id, session);
  emit(double, outcome === 'succeeded' ? 'charge.succeeded' : 'charge.failed', charge);
  emit(double, outcome === 'succeeded' ? 'payment_intent.succeeded' : 'payment_intent.payment_failed', intent);
  return emit(double, `checkout.session.async_payment_${outcome}`, session);
}
