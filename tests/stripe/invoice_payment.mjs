// Invoice payments: the only link between an invoice and the PaymentIntent that pays it.

import { amend, announce } from './event.mjs';
import { newId } from './ids.mjs';
import { created, equal, listing } from './lists.mjs';
import { shallow } from './objects.mjs';
import { oneOf, shape, text } from './schema.mjs';

export function addInvoicePayment(double, invoice, intent) {
  const payment = shallow('invoice_payment', {
    id: newId('inpay'), amount_requested: invoice.amount_due, created: double.clock.now(), currency: invoice.currency,
    invoice: invoice.id, payment: { payment_intent: intent.id, type: 'payment_intent' },
  });
  double.store.put('invoice_link', invoice.id, payment.id);
  double.store.put('invoice_link', intent.id, payment.id);
  return double.store.put('invoice_payment', payment.id, payment);
}

// Of an invoice or of a PaymentIntent.
export const paymentFor = (double, id) => double.store.get('invoice_payment', double.store.get('invoice_link', id));

export const intentFor = (double, invoice) =>
  double.store.get('payment_intent', paymentFor(double, invoice.id)?.payment.payment_intent);

export function invoicePaymentPaid(double, invoice) {
  const payment = paymentFor(double, invoice.id);
  if (!payment) return;
  amend(double, 'invoice_payment', payment, {
    amount_paid: payment.amount_requested, status: 'paid', status_transitions: { canceled_at: null, paid_at: double.clock.now() },
  });
  announce(double, 'invoice_payment.paid', payment);
}

export function cancelInvoicePayment(double, invoice) {
  const payment = paymentFor(double, invoice.id);
  if (payment?.status !== 'open') return;
  amend(double, 'invoice_payment', payment, {
    status: 'canceled', status_transitions: { canceled_at: double.clock.now(), paid_at: null },
  });
}

export const paymentsOf = (double, invoice) => {
  const payment = paymentFor(double, invoice.id);
  return { object: 'list', data: payment ? [payment] : [], has_more: false, url: `/v1/invoices/${invoice.id}/payments` };
};

const PAYMENT = shape({ type: oneOf('payment_intent', 'payment_record'), payment_intent: text(), payment_record: text() },
  { required: ['type'] });

const listAll = listing('invoice_payment', '/v1/invoice_payments', {
  created, invoice: equal('invoice'), status: equal('status', oneOf('canceled', 'open', 'paid')),
  payment: {
    type: PAYMENT,
    test: (wanted, { payment }) => payment.type === wanted.type
      && (wanted.payment_intent === undefined || payment.payment_intent === wanted.payment_intent),
  },
});

// By its PaymentIntent it is found at once.
export function listInvoicePayments(call) {
  const intent = call.params.payment?.payment_intent;
  const all = Object.keys(call.params).some((name) => name !== 'payment' && name !== 'expand');
  if (typeof intent !== 'string' || all) return listAll(call);
  PAYMENT(call.params.payment, 'payment');
  const found = paymentFor(call.double, intent);
  return { object: 'list', data: found ? [found] : [], has_more: false, url: '/v1/invoice_payments' };
}
