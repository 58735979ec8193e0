// Paying: on the hosted page and by control call; what comes of it later.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, debit, scene, sessionParameters } from './helper.mjs';

const page = (session) => new URL(session.url).pathname;
const thanks = (session) => `https://shop.example.com/thanks?session_id=${session.id}`;
const DAY = 86_400;

test('the page shows the order in the buyer\'s language', async (t) => {
  const { newSession, form } = await scene(t);
  const french = await form(page(await newSession({ cancel_url: 'https://shop.example.com/panier' })));
  assert.equal(french.status, 200);
  assert.match(french.text, /<html lang="fr">/);
  assert.match(french.text, /Field Guide &amp; Map/);
  assert.match(french.text, /19,00\s€/);
  assert.match(french.text, /pas d’argent réel/);
  assert.match(french.text, /href="https:\/\/shop\.example\.com\/panier"/);
  assert.doesNotMatch(french.text, /<script/);
  const english = await form(page(await newSession({ locale: 'en', customer_email: 'ada@example.com' })));
  assert.match(english.text, /Pay €19\.00/);
  assert.doesNotMatch(english.text, /name="email"/);
  assert.match(english.text, /ada@example\.com/);
  assert.equal((await form('/c/pay/cs_test_none')).status, 404);
});

test('a good card pays', async (t) => {
  const { newSession, form, get, shop } = await scene(t);
  const session = await newSession();
  const { status, location } = await form(page(session), card('4242 4242 4242 4242'));
  assert.equal(status, 303);
  assert.equal(location, thanks(session));
  assert.equal(shop.of('checkout.session.completed').length, 1, 'the shop heard of it before the buyer came back');
  await shop.untilType('charge.updated');
  const done = shop.of('checkout.session.completed')[0].event.data.object;
  assert.equal(done.payment_status, 'paid');
  assert.equal(done.status, 'complete');
  assert.equal(done.customer_details.email, 'ada@example.com');
  assert.equal(done.client_reference_id, 'ord_1');
  assert.deepEqual([...shop.types()].sort(), ['charge.succeeded', 'charge.updated', 'checkout.session.completed',
    'payment_intent.created', 'payment_intent.succeeded']);
  const { body } = await get(`checkout/sessions/${session.id}`, { expand: ['payment_intent.latest_charge', 'line_items'] });
  assert.equal(body.payment_intent.metadata.order_id, 'ord_1');
  assert.equal(body.payment_intent.latest_charge.payment_method_details.card.last4, '4242');
  assert.equal(body.line_items.data[0].amount_total, 1900);
  const again = await form(page(session), card('4242 4242 4242 4242'));
  assert.match(again.text, /Déjà payé/);
  assert.equal((await get('charges')).body.data.length, 1);
});

test('two at once pay once', async (t) => {
  const { newSession, form, get } = await scene(t);
  const session = await newSession();
  await Promise.all(Array.from({ length: 8 }, () => form(page(session), card('4242424242424242'))));
  assert.equal((await get('charges')).body.data.length, 1);
  assert.equal((await get('events', { type: 'checkout.session.completed' })).body.data.length, 1);
});

test('wrong fields are told beside them and numbers never come back', async (t) => {
  const { newSession, form, get } = await scene(t);
  const { status, text } = await form(page(await newSession()),
    card('4242424242424241', { email: 'ada', name: ' ', card_expiry: '01/20', card_cvc: 'x' }));
  assert.equal(status, 422);
  for (const name of ['email', 'name', 'card_number', 'card_expiry', 'card_cvc']) assert.match(text, new RegExp(`id="${name}-error"`));
  assert.doesNotMatch(text, /4242424242424241/);
  assert.equal((await get('charges')).body.data.length, 0);
});

test('a declined card may be followed by a good one', async (t) => {
  const { newSession, form, get } = await scene(t);
  const session = await newSession({ locale: 'en' });
  const declined = await form(page(session), card('4000000000000002'));
  assert.equal(declined.status, 402);
  assert.match(declined.text, /Your card was declined/);
  assert.match((await form(page(session), card('4000000000009995'))).text, /insufficient funds/);
  const open = (await get(`checkout/sessions/${session.id}`, { expand: ['payment_intent'] })).body;
  assert.equal(open.status, 'open');
  assert.equal(open.payment_intent.last_payment_error.decline_code, 'insufficient_funds');
  assert.equal((await form(page(session), card('4242424242424242'))).status, 303);
  assert.equal((await get('payment_intents')).body.data.length, 1, 'one intent for all tries');
  assert.equal((await get('charges')).body.data.length, 3);
});

test('3-D Secure asks, and takes no for an answer', async (t) => {
  const { newSession, form, get } = await scene(t);
  const session = await newSession({ locale: 'en' });
  const asked = await form(page(session), card('4000000000003220'));
  assert.equal(asked.location, `${page(session)}/3ds`);
  assert.match((await form(asked.location)).text, /value="fail"/);
  const failed = await form(asked.location, { result: 'fail' });
  assert.equal(failed.status, 402);
  assert.equal((await form(asked.location)).location, page(session), 'nothing left to answer');
  await form(page(session), card('4000000000003220'));
  const passed = await form(asked.location, { result: 'complete' });
  assert.equal(passed.location, thanks(session));
  assert.equal((await get(`checkout/sessions/${session.id}`)).body.payment_status, 'paid');
});

for (const [iban, outcome, paid] of [['AT61 1904 3002 3457 3201', 'succeeded', 'paid'], ['AT861904300235473202', 'failed', 'unpaid']]) {
  test(`a bank debit ${outcome} days later`, async (t) => {
    const { newSession, form, get, control, shop } = await scene(t);
    const session = await newSession();
    assert.equal((await form(page(session), debit(iban))).location, thanks(session));
    const waiting = shop.of('checkout.session.completed')[0].event.data.object;
    assert.deepEqual([waiting.status, waiting.payment_status], ['complete', 'unpaid']);
    assert.match((await form(page(session))).text, /Paiement en cours/);
    await control('clock', { advance: DAY - 60 });
    assert.equal((await get(`checkout/sessions/${session.id}`)).body.payment_status, 'unpaid');
    await control('clock', { advance: 60 });
    await shop.untilType(`checkout.session.async_payment_${outcome}`);
    assert.equal((await get(`checkout/sessions/${session.id}`)).body.payment_status, paid);
    const [intent] = (await get('payment_intents')).body.data;
    assert.equal(intent.status, outcome === 'succeeded' ? 'succeeded' : 'requires_payment_method');
  });
}

test('a bank debit settles when told to', async (t) => {
  const { newSession, control, shop } = await scene(t);
  const session = await newSession();
  await control('pay', { session: session.id, iban: 'AT611904300234573201' });
  const { body } = await control('settle', { session: session.id, outcome: 'failed' });
  assert.equal(body.payment_status, 'unpaid');
  await shop.untilType('checkout.session.async_payment_failed');
  assert.equal((await control('settle', { session: session.id })).status, 400);
});

test('a session expires by time or by call', async (t) => {
  const { newSession, form, get, post, control, shop } = await scene(t);
  const one = await newSession();
  const two = await newSession();
  assert.equal((await post(`checkout/sessions/${one.id}/expire`)).body.status, 'expired');
  assert.equal((await post(`checkout/sessions/${one.id}/expire`)).status, 400);
  await control('clock', { advance: DAY + 1 });
  await shop.untilType('checkout.session.expired', 2);
  assert.equal((await get(`checkout/sessions/${two.id}`)).body.url, null);
  const expired = await form(`/c/pay/${two.id}`);
  assert.equal(expired.status, 410);
  assert.match(expired.text, /a expiré/);
  assert.equal((await form(`/c/pay/${two.id}`, card('4242424242424242'))).status, 410);
});

test('a 100 % promotion code leaves nothing to pay', async (t) => {
  const { newSession, form, get, post, shop } = await scene(t);
  const { body: coupon } = await post('coupons', { percent_off: 100, duration: 'once' });
  await post('promotion_codes', { promotion: { type: 'coupon', coupon: coupon.id }, code: 'FREE', max_redemptions: 1 });
  const session = await newSession({ allow_promotion_codes: true });
  assert.equal((await form(page(session), { action: 'apply', promotion_code: 'WRONG' })).status, 422);
  assert.equal((await form(page(session), { action: 'apply', promotion_code: 'free' })).status, 303);
  assert.match((await form(page(session))).text, /Rien à payer/);
  assert.equal((await form(page(session), { action: 'pay', email: 'a@example.com', name: 'Ada' })).status, 303);
  const done = shop.of('checkout.session.completed')[0].event.data.object;
  assert.equal(done.payment_status, 'no_payment_required');
  assert.deepEqual([done.amount_subtotal, done.amount_total, done.total_details.amount_discount], [1900, 0, 1900]);
  assert.equal(done.payment_intent, null);
  assert.match(done.discounts[0].promotion_code, /^promo_/);
  assert.equal((await get('charges')).body.data.length, 0);
  const second = await newSession({ allow_promotion_codes: true });
  assert.equal((await form(page(second), { action: 'apply', promotion_code: 'FREE' })).status, 422, 'used up');
});

test('a partial discount is shared among the lines; it can be taken off again', async (t) => {
  const { newSession, form, get, post } = await scene(t);
  const { body: coupon } = await post('coupons', { percent_off: 33, duration: 'once' });
  await post('promotion_codes', { promotion: { type: 'coupon', coupon: coupon.id }, code: 'THIRD' });
  const line = (amount) => ({ quantity: 1, price_data: { currency: 'eur', unit_amount: amount, product_data: { name: 'x' } } });
  const session = await newSession({ allow_promotion_codes: true, line_items: [line(333), line(500), line(1)] });
  await form(page(session), { action: 'apply', promotion_code: 'THIRD' });
  const { body } = await get(`checkout/sessions/${session.id}`, { expand: ['line_items'] });
  assert.equal(body.amount_total, 834 - 275);
  assert.equal(body.line_items.data.reduce((sum, { amount_total: amount }) => sum + amount, 0), body.amount_total);
  await form(page(session), { action: 'remove' });
  assert.equal((await get(`checkout/sessions/${session.id}`)).body.amount_total, 834);
});

test('refunds: part, rest, too much, failing later', async (t) => {
  const { newSession, get, post, control, shop } = await scene(t);
  const pay = async (number) => (await control('pay', { session: (await newSession()).id, card: number })).body.session.payment_intent;
  const intent = await pay();
  const { body: refund } = await post('refunds', { payment_intent: intent, amount: 500, reason: 'requested_by_customer', metadata: { refund_id: 'r1' } });
  assert.equal(refund.status, 'succeeded');
  assert.match((await post('refunds', { payment_intent: intent, amount: 1401 })).body.error.message, /€15|€14\.01/);
  await post('refunds', { payment_intent: intent });
  await shop.untilType('charge.refunded', 2);
  const charges = shop.of('charge.refunded').map(({ event }) => event.data);
  assert.deepEqual(charges.map(({ object }) => [object.amount_refunded, object.refunded]).sort(), [[1900, true], [500, false]]);
  assert.equal((await get('refunds', { payment_intent: intent })).body.data.length, 2);
  const failing = await pay('4000000000005126');
  const { body: late } = await post('refunds', { payment_intent: failing });
  await control('clock', { advance: 3600 });
  await shop.untilType('refund.failed');
  assert.equal((await get(`refunds/${late.id}`)).body.failure_reason, 'expired_or_canceled_card');
  const { body: told } = await control('refund_fail', { refund: refund.id });
  assert.equal(told.status, 'failed');
});

test('disputes: opened, closed', async (t) => {
  const { newSession, get, post, control, shop } = await scene(t);
  const session = await newSession();
  await control('pay', { session: session.id });
  const { body: dispute } = await control('dispute', { session: session.id, reason: 'product_not_received' });
  await shop.untilType('charge.dispute.created');
  assert.equal(dispute.status, 'needs_response');
  assert.equal((await post('refunds', { charge: dispute.charge })).body.error.code, 'charge_disputed');
  assert.equal((await get(`charges/${dispute.charge}`)).body.disputed, true);
  const { body: closed } = await control('dispute', { dispute: dispute.id, close: 'won' });
  assert.equal(closed.status, 'won');
  await shop.untilType('charge.dispute.closed');
  assert.equal(shop.of('charge.dispute.closed')[0].event.data.previous_attributes.status, 'needs_response');
  assert.equal((await get(`disputes/${dispute.id}`)).body.status, 'won');
  const inquiry = await control('dispute', { session: session.id, status: 'warning_needs_response' });
  assert.equal(inquiry.body.is_charge_refundable, true);
});

test('a customer is made when the session asks for it', async (t) => {
  const { newSession, control, get } = await scene(t);
  const session = await newSession({ customer_creation: 'always' });
  const { body } = await control('pay', { session: session.id, email: 'ada@example.com', name: 'Ada' });
  const customer = (await get(`customers/${body.session.customer}`)).body;
  assert.equal(customer.email, 'ada@example.com');
  assert.equal((await get(`payment_intents/${body.session.payment_intent}`)).body.customer, customer.id);
});

test('the currency of the page follows Stripe\'s exponents', async (t) => {
  const { post, form } = await scene(t);
  for (const [currency, amount, shown] of [['jpy', 1900, '¥1,900'], ['kwd', 5120, 'KWD\\s5\\.120'], ['isk', 190000, 'ISK\\s1,900<']]) {
    const line = { quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: 'x' } } };
    const { body } = await post('checkout/sessions', sessionParameters({ locale: 'en', line_items: [line] }));
    assert.match((await form(page(body))).text, new RegExp(shown));
  }
});
