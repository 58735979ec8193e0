// Refunds: whole or in parts, some pending, some failing later.

import { addTransaction } from './balance.mjs';
import { change } from './catalog.mjs';
import { HOUR } from './clock.mjs';
import { emit, update } from './event.mjs';
import { errors } from './errors.mjs';
import { newId } from './ids.mjs';
import { created, equal, listing } from './lists.mjs';
import { checkAmount, formatMoney } from './money.mjs';
import { fresh } from './objects.mjs';
import { boolean, email, integer, metadata, oneOf, request, text } from './schema.mjs';

const check = request({
  amount: integer({ min: 1 }), charge: text(), payment_intent: text(), metadata, instructions_email: email,
  reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'), refund_application_fee: boolean, reverse_transfer: boolean,
});

function chargeOf(double, given) {
  if (given.charge === undefined && given.payment_intent === undefined) {
    throw errors.coded('parameter_missing', 'One of the following params should be provided for this request: ' +
      'payment_intent or charge.');
  }
  const intent = given.payment_intent && double.store.get('payment_intent', given.payment_intent);
  if (given.payment_intent && !intent) throw errors.noSuch('payment_intent', given.payment_intent, 'payment_intent');
  const id = given.charge ?? intent.latest_charge;
  const charge = id && double.store.get('charge', id);
  if (!charge && given.charge) throw errors.noSuch('charge', given.charge, 'charge');
  if (!charge || charge.status === 'failed') {
    throw errors.invalid(`This PaymentIntent (${intent?.id ?? charge.payment_intent}) does not have a successful charge to refund.`);
  }
  if (charge.status === 'pending') throw errors.invalid(`Charge ${charge.id} is still pending and cannot be refunded yet.`);
  return charge;
}

const blockedByDispute = (double, charge) => double.store.all('dispute')
  .some((dispute) => dispute.charge === charge.id && !dispute.is_charge_refundable);

function amountOf(charge, given) {
  const left = charge.amount - charge.amount_refunded;
  if (given.amount === undefined) return left;
  checkAmount(given.amount, charge.currency, 'amount');
  if (given.amount <= left) return given.amount;
  const show = (amount) => formatMoney(amount, charge.currency);
  throw errors.invalid(charge.amount_refunded === 0
    ? `Refund amount (${show(given.amount)}) is greater than charge amount (${show(charge.amount)})`
    : `Refund amount (${show(given.amount)}) is greater than unrefunded amount on charge (${show(left)})`, 'amount');
}

export function createRefund({ double, params }) {
  const given = check(params);
  const charge = chargeOf(double, given);
  if (charge.refunded) throw errors.alreadyRefunded(charge.id);
  if (blockedByDispute(double, charge)) throw errors.disputed(charge.id);
  const amount = amountOf(charge, given);
  const plan = double.store.get('test_method', charge.payment_method)?.refund;
  const refund = addRefund(double, charge, given, amount, plan === 'pending' ? 'pending' : 'succeeded');
  emit(double, 'refund.created', refund);
  const previous = update(double, 'charge', charge, () => {
    charge.amount_refunded += amount;
    charge.refunded = charge.amount_refunded === charge.amount;
  });
  emit(double, 'charge.refunded', charge, previous);
  if (plan) later(double, refund, plan === 'failed' ? 'failed' : 'succeeded');
  return refund;
}

const TO_BANK = { sepa_bank_transfer: { reference: null, reference_status: 'pending' }, type: 'sepa_bank_transfer' };

function addRefund(double, charge, given, amount, status) {
  const id = newId(charge.id.startsWith('py') ? 'pyr' : 're');
  const refund = fresh('refund', {
    id, amount, charge: charge.id, created: double.clock.now(), currency: charge.currency, metadata: given.metadata ?? {},
    payment_intent: charge.payment_intent, reason: given.reason ?? null, status,
    balance_transaction: addTransaction(double, { charge, amount: -amount, type: 'refund', source: id }).id,
  });
  if (id.startsWith('pyr')) refund.destination_details = TO_BANK;
  return double.store.put('refund', refund.id, refund);
}

function later(double, refund, outcome) {
  double.due.put(refund.id, { refund: refund.id, at: double.clock.now() + HOUR, what: 'refund', outcome });
}

// A refund that ends otherwise than it began. The charge keeps saying refunded: the shop must decide.
export function settleRefund(double, refund, status, reason = 'expired_or_canceled_card') {
  const charge = double.store.get('charge', refund.charge);
  const previous = update(double, 'refund', refund, () => {
    refund.status = status;
    if (status !== 'failed') return;
    refund.failure_reason = reason;
    refund.failure_balance_transaction = addTransaction(double,
      { charge, amount: refund.amount, type: 'refund_failure', source: refund.id }).id;
  });
  if (status === 'failed') emit(double, 'refund.failed', refund, previous);
  emit(double, 'refund.updated', refund, previous);
  emit(double, 'charge.refund.updated', refund, previous);
  return refund;
}

export const updateRefund = change('refund', request({ metadata }));

export const listRefunds = listing('refund', '/v1/refunds',
  { charge: equal('charge'), created, payment_intent: equal('payment_intent') });
