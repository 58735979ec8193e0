// Events as 2025-02-24.acacia showed them: the last version before subscriptions and invoices changed shape.

import { paymentFor } from './invoice_payment.mjs';
import { planOf } from './subscription.mjs';
import { legacyTaxes } from './tax.mjs';

// `object` is a copy of which whole fields may be replaced.
export function legacyShape(double, object, previous) {
  const shape = SHAPES[object.object];
  const data = { object: shape ? shape(double, object) : object };
  const old = previous && (object.object === 'subscription' ? legacyPrevious(object, previous) : previous);
  if (old && Object.keys(old).length > 0) data.previous_attributes = old;
  return data;
}

const SHAPES = {
  subscription,
  invoice,
  'checkout.session': (_, session) => ({ ...session, shipping_details: null, ui_mode: 'hosted' }),
  payment_intent: (double, intent) => ({ ...intent, invoice: invoiceOf(double, intent.id) }),
  charge: (double, charge) => ({ ...charge, invoice: invoiceOf(double, charge.payment_intent) }),
};

const invoiceOf = (double, intent) => paymentFor(double, intent)?.invoice ?? null;

function without(object, ...names) {
  const copy = { ...object };
  for (const name of names) delete copy[name];
  return copy;
}

const plan = (one) => ({ ...without(one, 'meter'), aggregate_usage: null });

const price = (one) => ({ ...one, recurring: one.recurring && { ...without(one.recurring, 'meter'), aggregate_usage: null } });

const item = (one) => ({
  ...without(one, 'current_period_end', 'current_period_start', 'discounts'), plan: plan(one.plan), price: price(one.price),
});

function subscription(_, object) {
  const [first] = object.items.data;
  return {
    ...without(object, 'billing_mode', 'customer_account', 'managed_payments'),
    current_period_end: first.current_period_end,
    current_period_start: first.current_period_start,
    discount: null,
    items: { ...object.items, data: object.items.data.map(item) },
    plan: plan(object.plan),
  };
}

// The period was the subscription's own: items are told only if something else of them changed.
function legacyPrevious(object, { items, ...rest }) {
  if (!items?.data) return rest;
  const [old] = items.data;
  const [now] = object.items.data;
  const changed = ['current_period_end', 'current_period_start'].filter((name) => old[name] !== now[name]);
  const periods = Object.fromEntries(changed.map((name) => [name, old[name]]));
  const same = JSON.stringify(items.data.map(item)) === JSON.stringify(object.items.data.map(item));
  return { ...periods, ...(same ? {} : { items: { data: items.data.map(item), plan: plan(old.plan) } }), ...rest };
}

const taxOf = ({ total_taxes: taxes }) => (taxes.length === 0 ? null : taxes.reduce((sum, { amount }) => sum + amount, 0));

function invoice(double, object) {
  const details = object.parent?.subscription_details;
  const intent = paymentFor(double, object.id)?.payment.payment_intent ?? null;
  const charge = (intent && double.store.get('payment_intent', intent)?.latest_charge) ?? null;
  return {
    ...without(object, 'customer_account', 'parent', 'total_pretax_credit_amounts', 'total_taxes'),
    application_fee_amount: double.store.get('payment_intent', intent)?.application_fee_amount ?? null,
    automatic_tax: without(object.automatic_tax, 'disabled_reason', 'provider'),
    charge, discount: null, paid: object.status === 'paid', paid_out_of_band: false, payment_intent: intent, quote: null,
    subscription: details?.subscription ?? null,
    subscription_details: { metadata: details?.metadata ?? null },
    tax: taxOf(object), total_tax_amounts: legacyTaxes(object.total_taxes), transfer_data: double.store.get('payment_intent', intent)?.transfer_data ?? null,
    lines: { ...object.lines, data: object.lines.data.map((one) => line(double, one)) },
  };
}

const priceOfLine = (one) => ({ ...one, recurring: one.recurring && { ...one.recurring, aggregate_usage: null } });

function line(double, one) {
  const { subscription_item_details: ofItem, invoice_item_details: ofPiece } = one.parent;
  const details = ofItem ?? ofPiece;
  const known = double.store.get('price', one.pricing.price_details.price);
  return {
    ...without(one, 'parent', 'pricing', 'pretax_credit_amounts', 'taxes'),
    ...(ofPiece ? { invoice_item: ofPiece.invoice_item } : {}),
    amount_excluding_tax: one.amount, plan: known?.recurring ? { ...planOf(known), aggregate_usage: null } : null,
    price: known && priceOfLine(known), proration: details.proration, proration_details: details.proration_details, subscription: details.subscription,
    ...(ofItem ? { subscription_item: ofItem.subscription_item } : {}),
    tax_amounts: legacyTaxes(one.taxes), tax_rates: [], type: ofItem ? 'subscription' : 'invoiceitem',
    unit_amount_excluding_tax: one.pricing.unit_amount_decimal,
  };
}
