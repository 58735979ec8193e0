// The API: encoding, checks, errors, idempotency, lists, versions, state.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodeForm } from './form.mjs';
import { encode, scene, sessionParameters } from './helper.mjs';
import { startDouble } from './server.mjs';

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

const asText = (value) => {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object') return String(value);
  return Object.fromEntries(Object.entries(value)
    .filter(([, item]) => !(Array.isArray(item) && item.length === 0))
    .map(([key, item]) => [key, asText(item)]));
};

describe('form decoding', () => {
  for (const { name, method, path, body, params } of read('vectors/form-encoding.json').cases) {
    test(name, () => {
      const text = method === 'POST' ? body : path.split('?')[1] ?? '';
      assert.deepEqual(decodeForm(text), asText(params));
    });
  }
  test('a[]=v, encoded brackets, plus, nothing after the name', () => {
    assert.deepEqual(decodeForm('a[]=1&a[]=2&b%5Bc%5D=x+y&d'), { a: ['1', '2'], b: { c: 'x y' }, d: '' });
  });
  test('no way to a prototype', () => {
    assert.throws(() => decodeForm('a[__proto__][b]=1'));
    assert.throws(() => decodeForm('a=%zz'));
  });
});

// [name, parameters, code, param]
const REFUSED = [
  ['no mode', { mode: undefined }, 'parameter_missing', 'mode'],
  ['no success_url', { success_url: undefined }, 'parameter_missing', 'success_url'],
  ['success_url not a URL', { success_url: 'thanks' }, 'url_invalid', 'success_url'],
  ['empty success_url', { success_url: '' }, 'parameter_invalid_empty', 'success_url'],
  ['no line items', { line_items: undefined }, 'parameter_missing', 'line_items'],
  ['no quantity', { line_items: [{ price_data: { currency: 'eur', unit_amount: 1, product_data: { name: 'x' } } }] }, 'parameter_missing', 'line_items[0][quantity]'],
  ['unknown price', { line_items: [{ price: 'invalid', quantity: 1 }] }, 'resource_missing', 'line_items[0][price]'],
  ['unknown customer', { customer: 'cus_0' }, 'resource_missing', 'customer'],
  ['no currency', { line_items: [{ quantity: 1, price_data: { unit_amount: 100, product_data: { name: 'x' } } }] }, 'parameter_missing', 'line_items[0][price_data][currency]'],
  ['unit_amount 1.5', { line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 1.5, product_data: { name: 'x' } } }] }, 'parameter_invalid_integer', 'line_items[0][price_data][unit_amount]'],
  ['kwd 5.124', { line_items: [{ quantity: 1, price_data: { currency: 'kwd', unit_amount: 5124, product_data: { name: 'x' } } }] }, 'parameter_invalid_integer', 'line_items[0][price_data][unit_amount]'],
  ['total too small', { line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 10, product_data: { name: 'x' } } }] }, 'amount_too_small', 'line_items'],
  ['unknown parameter', { colour: 'red' }, 'parameter_unknown', 'colour'],
  ['unknown inner parameter', { payment_intent_data: { colour: 'red' } }, 'parameter_unknown', 'payment_intent_data[colour]'],
  ['unknown mode', { mode: 'gift' }, undefined, 'mode'],
  ['setup, not yet', { mode: 'setup' }, undefined, 'mode'],
  ['payment_intent_data in a subscription', { mode: 'subscription' }, undefined, 'payment_intent_data'],
  ['subscription_data in a payment', { subscription_data: { metadata: { a: 'b' } } }, undefined, 'subscription_data'],
  ['old ui_mode', { ui_mode: 'hosted' }, undefined, 'ui_mode'],
  ['payment_method_types', { payment_method_types: ['card'] }, 'parameter_unknown', 'payment_method_types'],
  ['expires too soon', { expires_at: Math.floor(Date.now() / 1000) + 60 }, undefined, 'expires_at'],
  ['expires too late', { expires_at: Math.floor(Date.now() / 1000) + 2 * 86400 }, undefined, 'expires_at'],
  ['long metadata value', { metadata: { a: 'x'.repeat(501) } }, undefined, 'metadata[a]'],
  ['long metadata key', { metadata: { ['k'.repeat(41)]: 'x' } }, undefined, 'metadata'],
  ['51 metadata keys', { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'x'])) }, undefined, 'metadata'],
  ['codes and discounts', { allow_promotion_codes: true, discounts: [{ coupon: 'x' }] }, undefined, undefined],
  ['customer and e-mail', { customer: 'cus_0', customer_email: 'a@example.com' }, undefined, undefined],
];

const without = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

test('a session with wrong parameters is refused and nothing is made', async (t) => {
  const { post, get } = await scene(t);
  for (const [name, change, code, param] of REFUSED) {
    const { status, body } = await post('checkout/sessions', without(sessionParameters(change)),
      { headers: { 'stripe-version': '2026-10-28.endive' } });
    assert.equal(status, 400, name);
    assert.equal(body.error.type, 'invalid_request_error', name);
    assert.equal(body.error.code, code, name);
    assert.equal(body.error.param, param, name);
  }
  assert.equal((await get('checkout/sessions')).body.data.length, 0);
});

test('what a version allows', async (t) => {
  const { post } = await scene(t);
  const create = (version, more) => post('checkout/sessions', sessionParameters(more), { headers: { 'stripe-version': version } });
  assert.equal((await create('2026-04-22.dahlia', { payment_method_types: ['card'] })).status, 200);
  assert.equal((await create('2025-02-24.acacia', { ui_mode: 'hosted' })).status, 200);
  assert.equal((await create('2026-10-28.endive', { ui_mode: 'hosted_page' })).status, 200);
  const { headers, body } = await create('2026-10-28.endive');
  assert.equal(headers.get('stripe-version'), '2026-10-28.endive');
  assert.equal((await create('yesterday')).status, 400);
  assert.match(body.id, /^cs_test_a1\w{58}$/);
  assert.equal(body.status, 'open');
  assert.equal(body.payment_intent, null);
  assert.equal(body.customer, null);
  assert.equal(body.amount_total, 1900);
  assert.equal(body.line_items, undefined);
});

// The recorded bodies; ids and keys in the messages are those of the recording.
async function provoke(t) {
  const { double, post, get, call, control, newSession } = await scene(t);
  const paid = await newSession();
  const { payment_intent: intent } = (await control('pay', { session: paid.id })).body.session;
  const charge = (await get(`payment_intents/${intent}`)).body.latest_charge;
  const disputed = await newSession();
  const other = (await control('pay', { session: disputed.id, card: '4000000000000259' })).body.session.payment_intent;
  const otherCharge = (await get(`payment_intents/${other}`)).body.latest_charge;
  const money = { amount: 1900, currency: 'eur', confirm: true };
  const keyed = (params) => post('products', params, { headers: { 'idempotency-key': 'order-1' } });
  return {
    charge, otherCharge,
    '400-charge_already_refunded': async () => {
      await post('refunds', { charge });
      return post('refunds', { charge });
    },
    '400-charge_disputed': () => post('refunds', { charge: otherCharge }),
    '400-idempotency_error': async () => {
      await keyed({ name: 'a' });
      return keyed({ name: 'b' });
    },
    '400-no-payment-method': () => post('payment_intents', { ...money, off_session: true }),
    '400-parameter_invalid_integer': () => post('payment_intents', { ...money, amount: 10 }),
    '400-parameter_missing': () => post('checkout/sessions', sessionParameters({ line_items: [{ price_data: { currency: 'eur', unit_amount: 100, product_data: { name: 'x' } } }] })),
    '400-resource_missing-price': () => post('checkout/sessions', sessionParameters({ line_items: [{ price: 'invalid', quantity: 1 }] })),
    '401-invalid-key': () => call('GET', '/v1/account', { key: 'sk_test_' }),
    '402-card_declined': () => post('payment_intents', { ...money, payment_method: 'pm_card_chargeDeclined' }),
    '404-resource_missing': () => get('customers/1'),
    '409-idempotency_key_in_use': () => inFlight(double, post),
    '429-lock_timeout': () => struck(control, post, 'lock'),
    '429-rate_limit': () => struck(control, post, '429'),
    '500-api_error': () => struck(control, post, '500'),
  };
}

async function struck(control, post, mode) {
  await control('outage', { mode, count: 1 });
  return post('products', { name: 'x' });
}

// The first of the two is answered only when the test is over.
async function inFlight(double, post) {
  double.outage.set({ mode: 'slow', delay_ms: 60_000, count: 1 });
  const keyed = () => post('products', { name: 'x' }, { headers: { 'idempotency-key': 'order-1' } });
  return Promise.any([keyed(), keyed()]);
}

describe('error bodies are as recorded', () => {
  for (const name of ['400-charge_already_refunded', '400-charge_disputed', '400-idempotency_error', '400-no-payment-method',
    '400-parameter_invalid_integer', '400-parameter_missing', '400-resource_missing-price', '401-invalid-key',
    '402-card_declined', '404-resource_missing', '409-idempotency_key_in_use', '429-lock_timeout', '429-rate_limit',
    '500-api_error']) {
    test(name, async (t) => {
      const recorded = read(`errors/${name}.json`);
      const calls = await provoke(t);
      const { status, headers, body } = await calls[name]();
      const text = JSON.stringify(body).replaceAll(calls.charge, 'ch_1').replaceAll(calls.otherCharge, 'ch_1')
        .replaceAll('line_items[0][price]', 'items[0][price]');
      assert.equal(status, recorded.http_status);
      assert.deepEqual(JSON.parse(text), recorded.body);
      for (const header of ['stripe-should-retry', 'stripe-rate-limited-reason', 'www-authenticate']) {
        if (recorded.headers[header]) assert.equal(headers.get(header), recorded.headers[header], header);
      }
      assert.match(headers.get('request-id'), /^req_\w{14}$/);
    });
  }
});

test('keys', async (t) => {
  const { call, double } = await scene(t);
  const status = async (key) => (await call('GET', '/v1/account', { key })).status;
  assert.equal(await status('sk_test_anything'), 200);
  assert.equal(await status(null), 401);
  assert.equal(await status('sk_live_anything'), 401);
  double.options.key = 'sk_test_right';
  assert.equal(await status('sk_test_right'), 200);
  assert.equal(await status('sk_test_wrong'), 401);
  const basic = `Basic ${Buffer.from('sk_test_right:').toString('base64')}`;
  assert.equal((await call('GET', '/v1/balance', { key: null, headers: { authorization: basic } })).status, 200);
});

test('an idempotency key gives the first answer again', async (t) => {
  const { post, get, control } = await scene(t);
  const headers = { 'idempotency-key': 'ord_1-checkout-1' };
  const first = await post('checkout/sessions', sessionParameters(), { headers });
  const again = await post('checkout/sessions', sessionParameters(), { headers });
  assert.deepEqual(again.body, first.body);
  assert.equal(first.headers.get('idempotent-replayed'), null);
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  assert.equal(again.headers.get('original-request'), first.headers.get('request-id'));
  assert.equal(again.headers.get('idempotency-key'), 'ord_1-checkout-1');
  assert.equal((await get('checkout/sessions')).body.data.length, 1);
  await control('clock', { advance: 86401 });
  const later = await post('checkout/sessions', sessionParameters(), { headers });
  assert.notEqual(later.body.id, first.body.id);
});

test('a validation error is not kept under its key, a decline is', async (t) => {
  const { post } = await scene(t);
  const keyed = (key, path, params) => post(path, params, { headers: { 'idempotency-key': key } });
  assert.equal((await keyed('a', 'products', { nam: 'x' })).status, 400);
  assert.equal((await keyed('a', 'products', { name: 'x' })).status, 200);
  const declined = { amount: 500, currency: 'eur', confirm: true, payment_method: 'pm_card_chargeDeclined' };
  assert.equal((await keyed('b', 'payment_intents', declined)).status, 402);
  const again = await keyed('b', 'payment_intents', declined);
  assert.equal(again.status, 402);
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
});

test('an answer that got lost can be had with the same key', async (t) => {
  const { post, get, control } = await scene(t);
  await control('outage', { mode: 'lost', count: 1 });
  const headers = { 'idempotency-key': 'lost-1' };
  await assert.rejects(post('customers', { email: 'a@example.com' }, { headers }));
  const { body, headers: answered } = await post('customers', { email: 'a@example.com' }, { headers });
  assert.equal(answered.get('idempotent-replayed'), 'true');
  assert.deepEqual((await get('customers')).body.data.map(({ id }) => id), [body.id]);
});

test('a failure that began is kept under its key, another key gets through', async (t) => {
  const { post, get, control } = await scene(t);
  const keyed = (key) => post('products', { name: 'x' }, { headers: { 'idempotency-key': key } });
  await control('outage', { mode: '500-stored', count: 1, path: '/v1/products' });
  const answers = [await keyed('kept-1'), await keyed('kept-1')];
  assert.deepEqual(answers.map(({ status }) => status), [500, 500]);
  assert.deepEqual(answers.map(({ headers }) => headers.get('idempotent-replayed')), [null, 'true']);
  assert.deepEqual(answers[0].body, answers[1].body);
  assert.equal((await get('products')).body.data.length, 0);
  assert.equal((await keyed('kept-2')).status, 200);
});

test('lists page in both directions', async (t) => {
  const { post, get } = await scene(t);
  const made = [];
  for (let i = 0; i < 7; i += 1) made.unshift((await post('customers', { email: `c${i}@example.com` })).body.id);
  const ids = async (params) => {
    const { body } = await get('customers', params);
    return [body.data.map(({ id }) => id), body.has_more];
  };
  assert.deepEqual(await ids({ limit: 3 }), [made.slice(0, 3), true]);
  assert.deepEqual(await ids({ limit: 3, starting_after: made[2] }), [made.slice(3, 6), true]);
  assert.deepEqual(await ids({ limit: 3, starting_after: made[5] }), [made.slice(6), false]);
  assert.deepEqual(await ids({ limit: 3, ending_before: made[6] }), [made.slice(3, 6), true]);
  assert.deepEqual(await ids({ limit: 3, ending_before: made[2] }), [made.slice(0, 2), false]);
  assert.equal((await get('customers', { limit: 101 })).body.error.code, 'parameter_invalid_integer');
  assert.equal((await get('customers', { starting_after: 'cus_0' })).body.error.param, 'starting_after');
});

test('events can be listed by type and time', async (t) => {
  const { post, get, control, double } = await scene(t);
  const start = double.clock.now();
  await post('products', { name: 'a' });
  await control('clock', { advance: 100 });
  await post('customers', { email: 'a@example.com' });
  const { body: product } = await post('products', { name: 'b' });
  await post(`products/${product.id}`, { name: 'c', metadata: { sku: 'b' } });
  const types = async (params) => (await get('events', params)).body.data.map(({ type }) => type);
  assert.deepEqual(await types(), ['product.updated', 'product.created', 'customer.created', 'product.created']);
  assert.deepEqual(await types({ type: 'customer.created' }), ['customer.created']);
  assert.deepEqual(await types({ types: ['customer.created', 'product.updated'] }), ['product.updated', 'customer.created']);
  assert.deepEqual(await types({ created: { gte: start + 100 } }), ['product.updated', 'product.created', 'customer.created']);
  assert.deepEqual(await types({ created: { lt: start + 100 } }), ['product.created']);
  const [updated] = (await get('events', { type: 'product.updated' })).body.data;
  const { updated: second, ...before } = updated.data.previous_attributes; // there when a second went by
  assert.ok(second === undefined || second === product.updated);
  assert.deepEqual(before, { name: 'b', metadata: { sku: null } });
  assert.equal((await get(`events/${updated.id}`)).body.id, updated.id);
  await control('clock', { advance: 31 * 86400 });
  assert.deepEqual(await types(), []);
});

test('products, prices, customers live and change', async (t) => {
  const { post, get, call } = await scene(t);
  const { body: product } = await post('products', { name: 'Guide', metadata: { sku: 'g' } });
  const { body: price } = await post('prices', { product: product.id, currency: 'EUR', unit_amount: 1900 });
  assert.equal(price.type, 'one_time');
  const session = (await post('checkout/sessions', sessionParameters({ line_items: [{ price: price.id, quantity: 2 }] }))).body;
  assert.equal(session.amount_total, 3800);
  const lines = (await get(`checkout/sessions/${session.id}/line_items`)).body;
  assert.equal(lines.data[0].description, 'Guide');
  await post(`prices/${price.id}`, { active: false });
  const refused = await post('checkout/sessions', sessionParameters({ line_items: [{ price: price.id, quantity: 2 }] }));
  assert.match(refused.body.error.message, /inactive/);
  assert.equal((await call('DELETE', `/v1/products/${product.id}`)).status, 400);
  const { body: customer } = await post('customers', { email: 'a@example.com', metadata: { a: '1', b: '2' } });
  const { body: changed } = await post(`customers/${customer.id}`, { metadata: { a: '', c: '3' }, name: '' });
  assert.deepEqual(changed.metadata, { b: '2', c: '3' });
  assert.equal((await call('DELETE', `/v1/customers/${customer.id}`)).body.deleted, true);
  assert.equal((await get(`customers/${customer.id}`)).body.deleted, true);
});

test('an unknown address is told as such', async (t) => {
  const { get } = await scene(t);
  const { status, body } = await get('unicorns');
  assert.equal(status, 404);
  assert.match(body.error.message, /^Unrecognized request URL \(GET: \/v1\/unicorns\)/);
});

test('a state file keeps everything, even after a torn last line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'double-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const state = join(folder, 'state');
  const make = async (double) => (await fetch(`${double.url}/v1/checkout/sessions`, {
    method: 'POST', headers: { authorization: 'Bearer sk_test_x', 'idempotency-key': 'k' },
    body: new URLSearchParams(encode(sessionParameters())),
  })).json();
  const one = await startDouble({ port: 0, state, publicUrl: 'http://double.example' });
  const first = await make(one);
  await one.stop();
  appendFileSync(state, '[["session","cs_test_x",{"torn');
  const two = await startDouble({ port: 0, state, publicUrl: 'http://double.example' });
  t.after(() => two.stop());
  assert.deepEqual(await make(two), first);
  assert.equal(two.store.all('session').length, 1);
});
