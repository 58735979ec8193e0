// Stripe Tax: one rate for everything, or by the product's tax code. Where the buyer is never matters.

import { only, need } from './control_check.mjs';
import { spreadDiscount } from './line_items.mjs';

const USUAL = { percent: 20, codes: {} };

const rates = (double) => double.store.get('setting', 'tax') ?? USUAL;

const isPercent = (value) => typeof value === 'number' && value >= 0 && value <= 100;

// POST /_double/tax: rates from now on.
export async function taxCall(double, given) {
  const { percent = USUAL.percent, codes = {} } = only(given, 'percent', 'codes');
  need(isPercent(percent), 'percent: 0 to 100');
  need(typeof codes === 'object' && Object.values(codes).every(isPercent), 'codes: { txcd_…: percent }');
  return double.store.put('setting', 'tax', { ...rates(double), ...given });
}

// As objects show that tax is worked out.
export const AUTOMATIC_TAX = { disabled_reason: null, enabled: true, liability: { type: 'self' } };

// Of a net amount after discounts; negative for what is given back. A price that does not say is exclusive.
function taxOf(double, price, amount) {
  const { percent, codes } = rates(double);
  const rate = codes[double.store.get('product', price?.product)?.tax_code] ?? percent;
  const inclusive = price?.tax_behavior === 'inclusive';
  const tax = Math.sign(amount) * Math.round(Math.abs(amount) * rate / (inclusive ? 100 + rate : 100));
  return { tax, inclusive, rate, taxable: inclusive ? amount - tax : amount };
}

const added = (taxes) => taxes.reduce((sum, { tax, inclusive }) => sum + (inclusive ? 0 : tax), 0);
const whole = (taxes) => taxes.reduce((sum, { tax }) => sum + tax, 0);

// The lines of a session, discounted already. Gives what all of it is, and what of it comes on top.
export function taxSession(double, lines) {
  const taxes = lines.map((line) => taxOf(double, line.price, line.amount_subtotal - line.amount_discount));
  for (const [i, { tax, inclusive }] of taxes.entries()) {
    lines[i].amount_tax = tax;
    lines[i].amount_total = lines[i].amount_subtotal - lines[i].amount_discount + (inclusive ? 0 : tax);
  }
  return { tax: whole(taxes), added: added(taxes) };
}

const shown = ({ tax, inclusive, rate, taxable }) => ({
  amount: tax, tax_behavior: inclusive ? 'inclusive' : 'exclusive', tax_rate_details: { tax_rate: `txr_double${rate}` },
  taxability_reason: rate === 0 ? 'zero_rated' : 'standard_rated', taxable_amount: taxable, type: 'tax_rate_details',
});

// One entry for each rate and behaviour.
function totals(taxes) {
  const kinds = new Map();
  for (const one of taxes) {
    const key = `${one.inclusive} ${one.rate}`;
    const sum = kinds.get(key) ?? { ...one, tax: 0, taxable: 0 };
    kinds.set(key, { ...sum, tax: sum.tax + one.tax, taxable: sum.taxable + one.taxable });
  }
  return [...kinds.values()].map(shown);
}

// The lines of an invoice, and what is off all of them. Marks the lines; gives the fields of the invoice and what comes on top.
export function taxInvoice(double, subscription, lines, off) {
  if (!subscription.automatic_tax?.enabled) return { added: 0, tax: 0, within: 0, fields: {} };
  const shares = lines.map(({ amount }) => ({ amount_subtotal: amount }));
  spreadDiscount(shares, off);
  const taxes = lines.map(({ amount, pricing }, i) =>
    taxOf(double, double.store.get('price', pricing.price_details.price), amount - shares[i].amount_discount));
  for (const [i, one] of taxes.entries()) lines[i].taxes = [shown(one)];
  const tax = whole(taxes);
  return {
    added: added(taxes), tax, within: tax - added(taxes),
    fields: { automatic_tax: { ...AUTOMATIC_TAX, provider: 'stripe', status: 'complete' }, total_taxes: totals(taxes) },
  };
}

// The same before 2025-03-31.basil.
export const legacyTaxes = (taxes) => taxes.map(({ amount, tax_behavior: behavior, tax_rate_details: rate, ...rest }) => ({
  amount, inclusive: behavior === 'inclusive', tax_rate: rate.tax_rate, taxability_reason: rest.taxability_reason,
  taxable_amount: rest.taxable_amount,
}));
