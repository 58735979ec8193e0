// Stripe Tax: on top of prices and within them, on sessions and on the invoices of subscriptions, in both shapes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, scene, subscribed } from './helper.mjs';

const line = (unit, behavior, more = {}) => ({
  quantity: 1, price_data: { currency: 'eur', unit_amount: unit, tax_behavior: behavior, product_data: { name: `Of ${unit}`, ...more } },
});

const TAXED = { automatic_tax: { enabled: true } };

const sums = ({ amount_subtotal: subtotal, amount_total: total, total_details: details }) =>
  [subtotal, details.amount_discount, details.amount_tax, total];

async function paid(place, more) {
  const session = await place.newSession({ ...TAXED, ...more });
  assert.deepEqual([session.automatic_tax.status, session.total_details.amount_tax], ['requires_location_inputs', 0]);
  return (await place.control('pay', { session: session.id })).body.session;
}

test('tax comes on top of a price, or is in it', async (t) => {
  const place = await scene(t);
  const plain = (await place.control('pay', { session: (await place.newSession()).id })).body.session;
  assert.deepEqual([sums(plain), plain.automatic_tax.enabled], [[1900, 0, 0, 1900], false]);
  const added = await paid(place, { line_items: [line(1900, 'exclusive')] });
  assert.deepEqual([sums(added), added.automatic_tax.status], [[1900, 0, 380, 2280], 'complete']);
  assert.equal((await place.get(`payment_intents/${added.payment_intent}`)).body.amount_received, 2280);
  assert.deepEqual(sums(await paid(place, { line_items: [line(1900, 'inclusive')] })), [1900, 0, 317, 1900]);
  assert.deepEqual(sums(await paid(place, {})), [1900, 0, 380, 2280], 'a price that does not say');
});

test('each line has its rate and its part of the discount', async (t) => {
  const place = await scene(t);
  await place.control('tax', { percent: 10, codes: { txcd_book: 5.5 } });
  await place.post('coupons', { id: 'TENTH', percent_off: 10, duration: 'once' });
  const session = await paid(place, { discounts: [{ coupon: 'TENTH' }],
    line_items: [line(2000, 'exclusive'), line(1000, 'exclusive', { tax_code: 'txcd_book' })] });
  assert.deepEqual(sums(session), [3000, 300, 230, 2930]);
  const { body: { data } } = await place.get(`checkout/sessions/${session.id}/line_items`);
  assert.deepEqual(data.map((one) => [one.amount_subtotal, one.amount_discount, one.amount_tax, one.amount_total]),
    [[2000, 200, 180, 1980], [1000, 100, 50, 950]]);
  assert.equal((await place.control('tax', { percent: 101 })).status, 400);
});

test('the page shows the tax before it is paid', async (t) => {
  const place = await scene(t);
  const session = await place.newSession({ ...TAXED, line_items: [line(1900, 'exclusive')] });
  const { text } = await place.form(`/c/pay/${session.id}`);
  assert.match(text, /TVA<\/dt><dd>3,80/);
  assert.match(text, /22,80/);
  assert.equal((await place.form(`/c/pay/${session.id}`, card('4242424242424242'))).status, 303);
});

test('a customer without an address must be allowed to get one', async (t) => {
  const place = await scene(t);
  const { body: { id } } = await place.post('customers', { email: 'ada@example.com' });
  const refused = await place.post('checkout/sessions', { mode: 'payment', success_url: 'https://shop.example.com/', customer: id,
    line_items: [line(1900, 'exclusive')], ...TAXED });
  assert.deepEqual([refused.status, refused.body.error.code], [400, 'customer_tax_location_invalid']);
  assert.equal((await place.newSession({ ...TAXED, customer: id, customer_update: { address: 'auto' } })).status, 'open');
  assert.ok((await place.newSession({ customer_update: { address: 'auto' } })).error, 'of nobody');
});

test('every invoice of a subscription has its tax', async (t) => {
  const place = await subscribed(t, TAXED, { price: { unit_amount: 1000, tax_behavior: 'exclusive' } });
  assert.deepEqual([place.session.amount_total, place.subscription.automatic_tax.enabled], [1200, true]);
  await place.control('tax', { percent: 21 });
  await place.advance(31.1);
  const { body: { data } } = await place.get('invoices');
  const shown = data.map((one) => [one.total, one.amount_paid, one.total_excluding_tax, one.automatic_tax.status,
    one.total_taxes.map(({ amount, tax_behavior: behavior, taxable_amount: of }) => [amount, behavior, of]), one.lines.data[0].taxes[0].amount]);
  assert.deepEqual(shown, [[1210, 1210, 1000, 'complete', [[210, 'exclusive', 1000]], 210],
    [1200, 1200, 1000, 'complete', [[200, 'exclusive', 1000]], 200]]);
});

test('tax within a subscription, told in the older shape', async (t) => {
  const place = await subscribed(t, TAXED, { price: { unit_amount: 1200, tax_behavior: 'inclusive' }, options: { apiVersion: '2025-02-24.acacia' } });
  const [{ data: { object: invoice } }] = place.events('invoice.paid');
  assert.deepEqual([invoice.total, invoice.tax, invoice.total_excluding_tax, invoice.subtotal_excluding_tax], [1200, 200, 1000, 1000]);
  const amounts = { amount: 200, inclusive: true, tax_rate: 'txr_double20', taxability_reason: 'standard_rated', taxable_amount: 1000 };
  assert.deepEqual([invoice.total_tax_amounts, invoice.lines.data[0].tax_amounts], [[amounts], [amounts]]);
  assert.equal('total_taxes' in invoice, false);
});

test('a subscription without it has none', async (t) => {
  const { get } = await subscribed(t);
  const { body: { data: [invoice] } } = await get('invoices');
  assert.deepEqual([invoice.total_taxes, invoice.lines.data[0].taxes, invoice.automatic_tax.enabled], [[], [], false]);
});
