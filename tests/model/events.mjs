// What Stripe says: the objects of the recorded stories with our numbers in them, in the shape of either API version
// (before and since 2025-03-31.basil). `world` objects are those of stripe.mjs.

import { readFileSync } from 'node:fs';

const STORIES = new URL('../spec/stripe/stories/', import.meta.url);
const story = (file) => JSON.parse(readFileSync(new URL(`${file}.json`, STORIES))).data.object;

const NEW = 'monthly-subscription/';
const OLD = 'legacy-monthly-subscription/';
const TEMPLATES = {
  session: { old: story('legacy-one-off-purchase/02-checkout.session.completed'), new: story('one-off-purchase/03-checkout.session.completed') },
  subscription: { old: story(`${OLD}01-customer.subscription.created`), new: story(`${NEW}01-customer.subscription.created`) },
  invoice: { old: story(`${OLD}02-invoice.paid`), new: story(`${NEW}02-invoice.paid`) },
  proration: story('plan-change-proration/02-invoice.paid').lines.data[0],
  charge: story('one-off-purchase/01-charge.succeeded'),
  refund: story('refund-fails/02-refund.created'),
  dispute: story('dispute-won/02-charge.dispute.created'),
  invoicePayment: story('subscription-invoice-refund/01-invoice_payment.paid'),
};

export const VERSIONS = { old: '2025-02-24.acacia', new: '2026-04-22.dahlia' };

export function session(subject, shape, fields) {
  const sold = subject.kind === 'subscription';
  return {
    ...TEMPLATES.session[shape], id: subject.session, client_reference_id: subject.number, currency: 'eur',
    metadata: { order_id: subject.number }, mode: sold ? 'subscription' : 'payment', customer: sold ? subject.customer : null,
    subscription: sold ? subject.id : null, invoice: sold ? subject.invoices[0].id : null, ...fields,
  };
}

// A charge's own count of what was refunded may or may not still hold a refund that failed: both were seen in the wild.
export const refundedOf = (payment, keepsFailed) =>
  payment.refunds.reduce((sum, one) => sum + (one.status !== 'failed' || keepsFailed ? one.amount : 0), 0);

export function charge(payment, shape, keepsFailed) {
  const refunded = refundedOf(payment, keepsFailed);
  const object = {
    ...TEMPLATES.charge, id: payment.charge, payment_intent: payment.intent, amount: payment.amount, amount_captured: payment.amount,
    amount_refunded: refunded, refunded: refunded === payment.amount, currency: 'eur', metadata: {},
  };
  return shape === 'old' ? { ...object, invoice: payment.invoice ?? null } : object;
}

export const refund = (payment, one) => ({
  ...TEMPLATES.refund, id: one.id, amount: one.amount, charge: payment.charge, payment_intent: payment.intent, currency: 'eur',
  status: one.status,
});

export const dispute = (payment, one) => ({
  ...TEMPLATES.dispute, id: one.id, amount: payment.amount, charge: payment.charge, payment_intent: payment.intent, currency: 'eur',
  status: one.status, created: one.opened,
});

export const invoicePayment = (invoice) => ({
  ...TEMPLATES.invoicePayment, id: `inpay_${invoice.id}`, invoice: invoice.id, amount_paid: invoice.amount, currency: 'eur',
  payment: { payment_intent: invoice.payment.intent, type: 'payment_intent' },
});

export function subscription(subject, shape) {
  const template = TEMPLATES.subscription[shape];
  const price = { ...template.items.data[0].price, id: subject.plan, currency: 'eur' };
  const period = { current_period_start: subject.periodStart, current_period_end: subject.periodEnd };
  const item = { ...template.items.data[0], ...(shape === 'new' ? period : {}), id: `si_${subject.id}`, price, plan: { ...price, object: 'plan' } };
  return {
    ...template, ...(shape === 'old' ? period : {}), id: subject.id, customer: subject.customer, status: subject.status, currency: 'eur',
    items: { ...template.items, data: [item] }, plan: item.plan, metadata: { order_id: subject.number },
    start_date: subject.start, billing_cycle_anchor: subject.anchor, trial_start: subject.trialStart, trial_end: subject.trialEnd,
    cancel_at_period_end: subject.cancelAt !== null, cancel_at: subject.cancelAt, canceled_at: subject.canceledAt,
    ended_at: subject.endedAt, latest_invoice: subject.invoices.at(-1).id,
    pause_collection: subject.pausing ? { behavior: 'void', resumes_at: null } : null,
  };
}

function lineOld(subject, line) {
  const template = TEMPLATES.invoice.old.lines.data[0];
  return {
    ...template, amount: line.amount, currency: 'eur', period: { start: line.start, end: line.end }, proration: line.proration,
    type: line.proration ? 'invoiceitem' : 'subscription', subscription: subject.id,
    price: { ...template.price, id: line.plan }, plan: { ...template.plan, id: line.plan }, metadata: { order_id: subject.number },
  };
}

function lineNew(subject, line) {
  const template = line.proration ? TEMPLATES.proration : TEMPLATES.invoice.new.lines.data[0];
  const parent = structuredClone(template.parent);
  (parent.invoice_item_details ?? parent.subscription_item_details).subscription = subject.id;
  return {
    ...template, amount: line.amount, currency: 'eur', period: { start: line.start, end: line.end }, parent,
    pricing: { ...template.pricing, price_details: { price: line.plan, product: 'prod_club' } }, metadata: { order_id: subject.number },
  };
}

export function invoice(subject, one, shape) {
  const template = TEMPLATES.invoice[shape];
  const paid = one.status === 'paid';
  const line = shape === 'old' ? lineOld : lineNew;
  const object = {
    ...template, id: one.id, customer: subject.customer, currency: 'eur', status: one.status, billing_reason: one.reason,
    amount_due: one.amount, amount_paid: paid ? one.amount : 0, amount_remaining: paid ? 0 : one.amount, total: one.amount,
    attempt_count: one.attempts, next_payment_attempt: one.nextAttempt, created: one.created,
    lines: { ...template.lines, data: one.lines.map((each) => line(subject, each)) },
  };
  const metadata = { order_id: subject.number };
  if (shape === 'new') {
    return { ...object, parent: { ...template.parent, subscription_details: { metadata, subscription: subject.id } } };
  }
  return {
    ...object, subscription: subject.id, subscription_details: { metadata }, paid,
    payment_intent: one.payment?.intent ?? null, charge: one.payment?.charge ?? null,
  };
}
