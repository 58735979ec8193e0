// Disputes come from the bank: here from a control call or a test card, never from the API.

import { DAY } from './clock.mjs';
import { emit, update } from './event.mjs';
import { newId } from './ids.mjs';
import { created, equal, listing } from './lists.mjs';
import { fresh } from './objects.mjs';
import { addTransaction } from './balance.mjs';

// An inquiry moves no money and leaves the charge refundable.
const isInquiry = (status) => status.startsWith('warning_');

export function openDispute(double, charge, { status = 'needs_response', reason = 'fraudulent', amount } = {}) {
  const now = double.clock.now();
  const inquiry = isInquiry(status);
  const dispute = fresh('dispute', {
    id: newId('du'), amount: amount ?? charge.amount, charge: charge.id, created: now, currency: charge.currency,
    payment_intent: charge.payment_intent, reason, status, is_charge_refundable: inquiry,
  });
  dispute.evidence_details.due_by = now + 9 * DAY;
  dispute.payment_method_details.card.case_type = inquiry ? 'inquiry' : 'chargeback';
  if (!inquiry) withdraw(double, dispute, charge);
  double.store.put('dispute', dispute.id, dispute);
  const previous = update(double, 'charge', charge, () => {
    charge.disputed = true;
    charge.dispute = dispute.id;
  });
  emit(double, 'charge.updated', charge, previous);
  emit(double, 'charge.dispute.created', dispute);
  if (!inquiry) emit(double, 'charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

function withdraw(double, dispute, charge) {
  const transaction = addTransaction(double, { charge, amount: -dispute.amount, type: 'adjustment', source: dispute.id });
  dispute.balance_transaction = transaction.id;
  dispute.balance_transactions = [transaction];
}

export function updateDispute(double, dispute, status) {
  const previous = update(double, 'dispute', dispute, () => { dispute.status = status; });
  emit(double, 'charge.dispute.updated', dispute, previous);
  return dispute;
}

export function closeDispute(double, dispute, status) {
  const charge = double.store.get('charge', dispute.charge);
  const previous = update(double, 'dispute', dispute, () => {
    dispute.status = status;
    dispute.is_charge_refundable = status !== 'lost';
    if (status === 'won') {
      dispute.balance_transactions.push(addTransaction(double,
        { charge, amount: dispute.amount, type: 'adjustment', source: dispute.id }));
    }
  });
  emit(double, 'charge.dispute.closed', dispute, { status: previous.status });
  if (status === 'won') emit(double, 'charge.dispute.funds_reinstated', dispute);
  return dispute;
}

export const listDisputes = listing('dispute', '/v1/disputes',
  { charge: equal('charge'), created, payment_intent: equal('payment_intent') });
