// Invoices of subscriptions: made as drafts, then finalised. Paying them is in invoice_pay.mjs.

import { amend, announce } from './event.mjs';
import { billing } from './billing.mjs';
import { invoiceDiscounts } from './invoice_discount.mjs';
import { newId, randomText } from './ids.mjs';
import { addInvoicePayment, cancelInvoicePayment } from './invoice_payment.mjs';
import { formatMoney } from './money.mjs';
import { shallow } from './objects.mjs';
import { addIntent } from './payment.mjs';
import { taxInvoice } from './tax.mjs';

const NO_CREDITED = { credited_items: null };

// A line for an item of the subscription; `amount` 0 for a trial.
export function itemLine(double, subscription, item, period, amount) {
  const product = double.store.get('product', item.price.product);
  return line(subscription, item, {
    amount, period,
    description: amount === 0 && item.price.unit_amount > 0 ? `Trial period for ${product?.name}` : describe(product, item),
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null, proration: false, proration_details: NO_CREDITED, subscription: subscription.id, subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
  });
}

const describe = (product, { price, quantity }) => `${quantity} × ${product?.name} (at ${
  formatMoney(Number(price.unit_amount_decimal), price.currency)} / ${per(price.recurring)})`;

const per = ({ interval, interval_count: count }) => (count === 1 ? interval : `every ${count} ${interval}s`);

export function line(subscription, { price, quantity }, { unit = price.unit_amount_decimal, ...values }) {
  return shallow('invoice_line', {
    id: newId('il'), currency: price.currency, metadata: subscription.metadata, quantity,
    pricing: {
      price_details: { price: price.id, product: price.product }, type: 'price_details', unit_amount_decimal: unit,
    },
    ...values,
  });
}

// What is billed besides the items: something bought once, or a proration.
export const pieceDetails = (subscription, { proration = false, credited = null } = {}) => ({
  invoice_item_details: {
    invoice_item: newId('ii'), proration, proration_details: { credited_items: credited }, subscription: subscription.id,
  },
  subscription_item_details: null,
  type: 'invoice_item_details',
});

export const itemAmount = ({ price, quantity }) => Math.round(Number(price.unit_amount_decimal) * quantity);

export const sumOf = (lines) => lines.reduce((total, { amount }) => total + amount, 0);

const SHOWN = 10;

export const linesOf = (double, invoice) => double.store.get('invoice_lines', invoice.id) ?? invoice.lines.data;

// An invoice as it would be, not kept.
export function draft(double, subscription, lines, values = {}) {
  const now = double.clock.now();
  const id = newId('in');
  const customer = double.store.get('customer', subscription.customer);
  const subtotal = sumOf(lines);
  const { discounts, amounts, off } = invoiceDiscounts(double, subscription, lines);
  const { added, tax, within, fields } = taxInvoice(double, subscription, lines, off);
  const total = subtotal - off + added;
  const due = Math.max(0, total + Math.min(0, customer?.balance ?? 0));
  return shallow('invoice', {
    id, amount_due: due, amount_remaining: due, automatically_finalizes_at: now + billing(double).finalize_after, created: now,
    currency: subscription.currency, customer: subscription.customer, customer_email: customer?.email ?? null,
    customer_name: customer?.name ?? null, default_payment_method: null, discounts, period_end: now, period_start: now,
    lines: {
      object: 'list', data: lines.slice(0, SHOWN).map((one) => ({ ...one, invoice: id })), has_more: lines.length > SHOWN,
      total_count: lines.length, url: `/v1/invoices/${id}/lines`,
    },
    parent: {
      quote_details: null, subscription_details: { metadata: subscription.metadata, subscription: subscription.id }, type: 'subscription_details',
    },
    on_behalf_of: subscription.on_behalf_of, starting_balance: customer?.balance ?? 0,
    subtotal, subtotal_excluding_tax: subtotal - within, total, total_excluding_tax: total - tax, total_discount_amounts: amounts,
    ...fields, ...values,
  });
}

// Kept and told.
export function addInvoice(double, subscription, lines, values) {
  const invoice = draft(double, subscription, lines, { webhooks_delivered_at: double.clock.now(), ...values });
  double.store.put('invoice', invoice.id, invoice);
  if (lines.length > SHOWN) double.store.put('invoice_lines', invoice.id, lines.map((one) => ({ ...one, invoice: invoice.id })));
  announce(double, 'invoice.created', invoice);
  return invoice;
}

export const subscriptionOf = (double, invoice) =>
  double.store.get('subscription', invoice.parent?.subscription_details?.subscription);

// The customer's credit is used up, or grows by what the invoice gives back.
function settleBalance(double, { customer: id, total }) {
  const customer = double.store.get('customer', id);
  const start = Math.min(0, customer?.balance ?? 0);
  const end = total < 0 ? start + total : Math.min(0, start + total);
  if (!customer || end === customer.balance) return { starting_balance: start, ending_balance: start };
  announce(double, 'customer.updated', customer, amend(double, 'customer', customer, { balance: end }));
  return { starting_balance: start, ending_balance: end };
}

function nextNumber(double, id) {
  const customer = double.store.get('customer', id);
  if (!customer) return null;
  const number = `${customer.invoice_prefix}-${String(customer.next_invoice_sequence).padStart(4, '0')}`;
  customer.next_invoice_sequence += 1;
  double.store.put('customer', id, customer);
  return number;
}

// draft -> open, with a PaymentIntent if there is something to pay. `intent`: the one that has paid already.
export function finalize(double, invoice, intent = null) {
  const now = double.clock.now();
  const secret = `test_${randomText(40)}`;
  const balance = settleBalance(double, invoice);
  const due = Math.max(0, invoice.total + balance.starting_balance);
  const url = `${double.options.publicUrl}/i/${invoice.id}/${secret}`;
  Object.assign(invoice, {
    ...balance, amount_due: due, amount_remaining: due, automatically_finalizes_at: null, effective_at: now, hosted_invoice_url: url,
    invoice_pdf: `${url}/pdf`, number: nextNumber(double, invoice.customer), status: 'open',
    status_transitions: { ...invoice.status_transitions, finalized_at: now },
  });
  double.store.put('invoice', invoice.id, invoice);
  if (due > 0) addInvoicePayment(double, invoice, intent ?? invoiceIntent(double, invoice));
  announce(double, 'invoice.finalized', invoice);
  return invoice;
}

export function feeFields(subscription, amount) {
  const percent = subscription?.application_fee_percent ?? null;
  return {
    application_fee_amount: percent === null ? null : Math.round(amount * percent / 100),
    on_behalf_of: subscription?.on_behalf_of ?? null,
    transfer_data: subscription?.transfer_data ? { destination: subscription.transfer_data.destination } : null,
  };
}

function invoiceIntent(double, invoice) {
  const subscription = subscriptionOf(double, invoice);
  return addIntent(double, {
    amount: invoice.amount_due, currency: invoice.currency, customer: invoice.customer,
    description: invoice.billing_reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    ...feeFields(subscription, invoice.amount_due),
  });
}

const ENDS = {
  void: ['invoice.voided', 'voided_at'],
  uncollectible: ['invoice.marked_uncollectible', 'marked_uncollectible_at'],
};

// open -> void or uncollectible.
export function giveUp(double, invoice, status) {
  const [event, time] = ENDS[status];
  Object.assign(invoice, {
    auto_advance: false, next_payment_attempt: null, status,
    status_transitions: { ...invoice.status_transitions, [time]: double.clock.now() },
  });
  double.store.put('invoice', invoice.id, invoice);
  double.due.remove(invoice.id);
  if (status === 'void') cancelInvoicePayment(double, invoice);
  announce(double, event, invoice);
  return invoice;
}
