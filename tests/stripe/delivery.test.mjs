// Webhooks: signatures, retries, and the disorder that can be asked for.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { scene, SECRET } from './helper.mjs';
import { sign, signatureHeader } from './webhook.mjs';

const check = ({ headers, body }, secret = SECRET) => {
  const [, time] = /^t=(\d+),v1=/.exec(headers['stripe-signature']);
  return headers['stripe-signature'].split(',').includes(`v1=${sign(secret, time, body)}`);
};

test('signatures are those of the vectors', () => {
  const { cases } = JSON.parse(readFileSync(new URL('vectors/signatures.json', import.meta.url), 'utf8'));
  const plain = cases.find(({ name }) => name === 'ok');
  const [, time] = /^t=(\d+)/.exec(plain.header);
  assert.equal(signatureHeader(plain.secrets, time, plain.body), plain.header);
});

test('an event is posted as Stripe does it', async (t) => {
  const { post, shop, get } = await scene(t);
  await post('products', { name: 'a' }, { headers: { 'idempotency-key': 'k1' } });
  await shop.untilType('product.created');
  const [delivery] = shop.got;
  assert.equal(delivery.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(delivery.headers['user-agent'], 'Stripe/1.0 (+https://stripe.com/docs/webhooks)');
  assert.ok(check(delivery));
  assert.equal(delivery.body, JSON.stringify(delivery.event, null, 2));
  assert.equal(delivery.event.api_version, '2026-04-22.dahlia');
  assert.equal(delivery.event.request.idempotency_key, 'k1');
  assert.equal(delivery.event.pending_webhooks, 1);
  assert.equal(delivery.event.livemode, false);
  const { body } = await get(`events/${delivery.event.id}`);
  assert.deepEqual(body.data, delivery.event.data);
});

test('what is refused comes again, signed anew, until it is taken', async (t) => {
  const { post, shop, control, get } = await scene(t);
  shop.answer = (_, count) => [500, 302, 200][count - 1];
  await post('products', { name: 'a' });
  await shop.untilType('product.created', 3);
  await control('wait');
  assert.ok(shop.got.every((delivery) => check(delivery)));
  assert.equal(new Set(shop.got.map(({ event }) => event.id)).size, 1);
  const { body } = await control('events');
  assert.deepEqual(body.deliveries[0].attempts.map(({ status }) => status), [500, 302, 200]);
  assert.equal((await get(`events/${shop.got[0].event.id}`)).body.pending_webhooks, 0);
});

test('after the last try it is given up, and can be sent again', async (t) => {
  const { post, shop, control } = await scene(t, { retryMax: 2 });
  shop.answer = () => 500;
  await post('products', { name: 'a' });
  await shop.untilType('product.created', 2);
  await control('wait');
  assert.equal((await control('events')).body.summary.failed, 1);
  shop.answer = () => 200;
  const { body } = await control('resend', { event: shop.got[0].event.id, wait_ms: 5000 });
  assert.equal(body.summary.delivered, 1);
  assert.equal(shop.got.length, 3);
});

test('held events are released shuffled and doubled, the same way for the same seed', async (t) => {
  const { post, shop, control } = await scene(t);
  await control('delivery', { mode: 'hold' });
  for (let i = 0; i < 12; i += 1) await post('products', { name: `p${i}` });
  assert.equal(shop.got.length, 0);
  const { body } = await control('release', { shuffle: true, duplicate: 1, seed: 7, wait_ms: 5000 });
  assert.equal(body.sent.length, 24);
  assert.equal(shop.got.length, 24);
  assert.equal(new Set(shop.got.map(({ event }) => event.id)).size, 12);
  const order = body.sent.map(({ event }) => event);
  assert.notDeepEqual(order, [...order].sort());
  assert.equal(body.summary.held, 0);
});

test('the number of copies can be left to chance', async (t) => {
  const { post, shop, control } = await scene(t);
  await control('delivery', { mode: 'hold' });
  for (let i = 0; i < 20; i += 1) await post('products', { name: `p${i}` });
  const { body } = await control('release', { duplicate_up_to: 4, seed: 1, wait_ms: 5000 });
  const times = {};
  for (const { event } of body.sent) times[event] = (times[event] ?? 0) + 1;
  assert.equal(Object.keys(times).length, 20);
  assert.ok(new Set(Object.values(times)).size > 2);
  assert.ok(Object.values(times).every((count) => count >= 1 && count <= 5));
  assert.equal(shop.got.length, body.sent.length);
});

test('each event can come more than once', async (t) => {
  const { post, shop, control, get } = await scene(t);
  await control('delivery', { duplicate: 2, shuffle: true, delay_ms: 20 });
  await post('products', { name: 'a' });
  await shop.untilType('product.created', 3);
  await control('wait');
  assert.equal((await get(`events/${shop.got[0].event.id}`)).body.pending_webhooks, 0);
});

test('dropped events are only in the list', async (t) => {
  const { post, shop, control, get } = await scene(t);
  await control('delivery', { mode: 'drop' });
  await post('products', { name: 'a' });
  const [event] = (await get('events')).body.data;
  assert.equal(event.pending_webhooks, 1);
  assert.equal((await get('events', { delivery_success: false })).body.data.length, 1);
  await control('delivery', { mode: 'normal' });
  await control('resend', { event: event.id, wait_ms: 5000 });
  assert.equal(shop.got.length, 1);
});

test('while a secret is rolled there are two signatures', async (t) => {
  const { post, shop, control } = await scene(t);
  await control('webhook', { secrets: ['whsec_new', SECRET] });
  await post('products', { name: 'a' });
  await shop.untilType('product.created');
  assert.ok(check(shop.got[0], 'whsec_new'));
  assert.ok(check(shop.got[0], SECRET));
  assert.equal(shop.got[0].headers['stripe-signature'].split(',').length, 3);
});

test('an endpoint gets the types it wants', async (t) => {
  const { post, shop, control, double } = await scene(t);
  const [endpoint] = double.webhooks.endpoints;
  await control('webhook', { endpoints: [{ ...endpoint, events: ['customer.created'] }, { ...endpoint, url: `${shop.url}/other` }] });
  await post('products', { name: 'a' });
  await post('customers', { name: 'a' });
  await shop.until(() => shop.got.length === 3);
  assert.deepEqual(shop.types().sort(), ['customer.created', 'customer.created', 'product.created']);
});

test('the time of the signature is the real one unless asked otherwise', async (t) => {
  const { post, shop, control } = await scene(t);
  const skew = ({ headers }) => Number(/^t=(\d+)/.exec(headers['stripe-signature'])[1]) - Date.now() / 1000;
  await control('clock', { advance: 90_000 });
  await post('products', { name: 'a' });
  await shop.untilType('product.created');
  assert.ok(Math.abs(skew(shop.got[0])) < 60);
  assert.ok(shop.got[0].event.created - Date.now() / 1000 > 80_000);
  await control('delivery', { timestamp: 'clock' });
  await post('products', { name: 'b' });
  await shop.untilType('product.created', 2);
  assert.ok(skew(shop.got[1]) > 80_000);
});

test('the buyer is sent on though the shop does not answer', async (t) => {
  const { newSession, form, shop } = await scene(t, { redirectWaitMs: 50 });
  let release;
  const stuck = new Promise((resolve) => { release = () => resolve(200); });
  shop.answer = () => stuck;
  const session = await newSession({ customer_email: 'a@example.com' });
  const { status } = await form(`/c/pay/${session.id}`,
    { action: 'pay', name: 'Ada', card_number: '4242424242424242', card_expiry: '12/39', card_cvc: '123' });
  assert.equal(status, 303);
  release();
});

test('control calls refuse what they do not know', async (t) => {
  const { control, double } = await scene(t);
  assert.equal((await control('nonsense')).status, 404);
  assert.equal((await control('clock', { forward: 1 })).status, 400);
  assert.equal((await control('outage', { mode: 'flood' })).status, 400);
  assert.equal((await control('pay', { session: 'cs_test_0' })).status, 400);
  const form = await fetch(`${double.url}/_double/reset`, { method: 'POST', body: 'x=1' });
  assert.equal(form.status, 415);
  assert.match(await (await fetch(`${double.url}/_double/`)).text(), /Stripe test double/);
  assert.equal((await control('reset')).body.ok, true);
  assert.equal(double.store.count('event'), 0);
});
