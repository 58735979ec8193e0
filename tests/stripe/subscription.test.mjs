// Subscriptions from Checkout: the page, what is made and told, in which shape.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { card, scene, subscribed, subscriptionParameters } from './helper.mjs';

const DAY = 86_400;
const page = (session) => new URL(session.url).pathname;

const newSession = async ({ post }, more, price) => (await post('checkout/sessions', subscriptionParameters(more, price))).body;

const story = (file) => JSON.parse(readFileSync(new URL(`../spec/stripe/stories/${file}.json`, import.meta.url), 'utf8'));

// The paths of keys that only one of both has; what is null or empty on one side is not looked into.
function differences(ours, theirs, path = '') {
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    return ours.length && theirs.length ? differences(ours[0], theirs[0], `${path}[]`) : [];
  }
  const isObject = (value) => value !== null && typeof value === 'object' && Object.keys(value).length > 0;
  if (!isObject(ours) || !isObject(theirs) || /metadata$|previous_attributes/.test(path)) return [];
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...keys].flatMap((key) => {
    const at = `${path}.${key}`;
    if (!(key in ours)) return [`missing ${at}`];
    return key in theirs ? differences(ours[key], theirs[key], at) : [`extra ${at}`];
  });
}

// [step of a story, our event]
const SAME = [
  ['monthly-subscription/01-customer.subscription.created', 'customer.subscription.created'],
  ['monthly-subscription/02-invoice.paid', 'invoice.paid'],
  ['monthly-subscription/03-invoice.payment_succeeded', 'invoice.payment_succeeded'],
  ['monthly-subscription/04-checkout.session.completed', 'checkout.session.completed'],
  ['subscription-invoice-refund/01-invoice_payment.paid', 'invoice_payment.paid'],
  ['monthly-subscription/05-customer.subscription.updated', 'customer.subscription.updated'],
];

test('its events have the keys of the recorded ones', async (t) => {
  const { events, advance } = await subscribed(t);
  await advance(31);
  for (const [file, type] of SAME) {
    assert.deepEqual(differences(events(type)[0], story(file)), [], `${file}`);
  }
});

test('so have those of failures, pauses, trials and ends', async (t) => {
  const failing = await subscribed(t);
  await failing.control('fail_card', { subscription: failing.id });
  await failing.advance(31.1);
  await failing.call('DELETE', `/v1/subscriptions/${failing.id}`);
  const paused = await subscribed(t, { subscription_data: { trial_period_days: 14 } });
  await paused.post(`subscriptions/${paused.id}`, { pause_collection: { behavior: 'void' } });
  await paused.advance(15);
  await paused.post(`subscriptions/${paused.id}/pause`);
  await paused.post(`subscriptions/${paused.id}/resume`, { billing_cycle_anchor: 'unchanged' });
  for (const [{ events }, file, type] of [
    [failing, 'monthly-subscription/09-invoice.payment_failed', 'invoice.payment_failed'],
    [failing, 'monthly-subscription/14-customer.subscription.deleted', 'customer.subscription.deleted'],
    [paused, 'pause-collection/01-customer.subscription.updated', 'customer.subscription.updated'],
    [paused, 'pause-collection/02-invoice.voided', 'invoice.voided'],
    [paused, 'trial-active-paused-canceled/02-invoice.paid', 'invoice.paid'],
    [paused, 'trial-active-paused-canceled/03-checkout.session.completed', 'checkout.session.completed'],
    [paused, 'trial-active-paused-canceled/04-customer.subscription.trial_will_end', 'customer.subscription.trial_will_end'],
    [paused, 'trial-active-paused-canceled/07-customer.subscription.paused', 'customer.subscription.paused'],
    [paused, 'trial-active-paused-canceled/09-customer.subscription.resumed', 'customer.subscription.resumed'],
  ]) assert.deepEqual(differences(events(type)[0], story(file)), [], file);
});

test('a refund of a later month', async (t) => {
  const { double, advance, post, events, get } = await subscribed(t);
  await advance(31.1);
  const [, second] = double.store.all('payment_intent');
  await post('refunds', { payment_intent: second.id });
  const refunded = events('charge.refunded')[0];
  assert.deepEqual(differences(refunded, story('subscription-invoice-refund/02-charge.refunded')), []);
  const { body } = await get('invoice_payments', { payment: { type: 'payment_intent', payment_intent: refunded.data.object.payment_intent } });
  assert.equal(double.store.get('invoice', body.data[0].invoice).billing_reason, 'subscription_cycle');
});

const LEGACY = [
  ['01-customer.subscription.created', 'customer.subscription.created'],
  ['02-invoice.paid', 'invoice.paid'],
  ['03-invoice.payment_succeeded', 'invoice.payment_succeeded'],
  ['06-customer.subscription.updated', 'customer.subscription.updated'],
];

test('and, when asked for, those of 2025-02-24.acacia', async (t) => {
  const { events, advance, control } = await subscribed(t, {}, { options: { apiVersion: '2025-02-24.acacia' } });
  await advance(31);
  for (const [file, type] of LEGACY) {
    assert.deepEqual(differences(events(type)[0], story(`legacy-monthly-subscription/${file}`)), [], file);
  }
  const [created] = events('customer.subscription.created');
  assert.equal(created.api_version, '2025-02-24.acacia');
  assert.equal(created.data.object.status, 'incomplete');
  const [first, second] = events('customer.subscription.updated');
  assert.deepEqual(first.data.previous_attributes, { status: 'incomplete' });
  assert.deepEqual(Object.keys(second.data.previous_attributes).sort(), ['current_period_end', 'current_period_start', 'latest_invoice']);
  const invoice = events('invoice.paid')[1].data.object;
  assert.equal(invoice.subscription, created.data.object.id);
  assert.deepEqual(invoice.subscription_details.metadata, { plan: 'club-monthly', user_id: 'u_club' });
  assert.match(invoice.payment_intent, /^pi_/);
  assert.match(invoice.charge, /^ch_/);
  assert.equal(events('charge.succeeded')[1].data.object.invoice, invoice.id);
  assert.equal((await control('render', { events: '2026-04-22.dahlia' })).body.legacy, false);
  await advance(31);
  assert.equal(events('invoice.paid').at(-1).data.object.subscription, undefined);
});

test('paying makes customer, subscription, invoice and payment, told in Stripe\'s order', async (t) => {
  const { events, session, subscription, get } = await subscribed(t);
  assert.deepEqual(events().map(({ type }) => type), [
    'customer.created', 'payment_method.attached', 'payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded', 'charge.updated',
    'customer.subscription.created', 'invoice.created', 'invoice.finalized', 'invoice_payment.paid', 'invoice.paid',
    'invoice.payment_succeeded', 'checkout.session.completed']);
  assert.deepEqual([session.mode, session.payment_status, session.status, session.payment_intent], ['subscription', 'paid', 'complete', null]);
  assert.equal(session.invoice, subscription.latest_invoice);
  assert.deepEqual([subscription.status, subscription.metadata.user_id], ['active', 'u_club']);
  const { body: invoice } = await get(`invoices/${session.invoice}`, { expand: ['payments.data.payment.payment_intent'] });
  assert.deepEqual([invoice.status, invoice.total, invoice.amount_paid, invoice.billing_reason], ['paid', 990, 990, 'subscription_create']);
  assert.deepEqual(invoice.parent.subscription_details, { metadata: subscription.metadata, subscription: subscription.id });
  const [line] = invoice.lines.data;
  const [item] = subscription.items.data;
  assert.deepEqual(line.period, { end: item.current_period_end, start: item.current_period_start });
  assert.equal(line.parent.subscription_item_details.subscription_item, item.id);
  assert.equal(line.pricing.price_details.price, item.price.id);
  assert.equal(invoice.payments.data[0].payment.payment_intent.amount_received, 990);
  const { body: links } = await get('invoice_payments',
    { payment: { type: 'payment_intent', payment_intent: invoice.payments.data[0].payment.payment_intent.id } });
  assert.deepEqual(links.data.map((link) => link.invoice), [invoice.id]);
});

test('the fee and the seller go to the payment, not to the invoice', async (t) => {
  const { double, advance, post } = await subscribed(t,
    { subscription_data: { application_fee_percent: 15, transfer_data: { destination: 'acct_1Seller' } } });
  await advance(31);
  const [first, second] = double.store.all('payment_intent');
  for (const intent of [first, second]) {
    assert.deepEqual([intent.application_fee_amount, intent.transfer_data.destination], [149, 'acct_1Seller']);
  }
  const charge = double.store.get('charge', second.latest_charge);
  assert.deepEqual([charge.application_fee_amount, charge.destination, charge.metadata], [149, 'acct_1Seller', {}]);
  const { body: refund } = await post('refunds', { payment_intent: second.id, reverse_transfer: true, refund_application_fee: true });
  assert.equal(refund.amount, 990);
});

test('the page says what is paid and how often, in both languages', async (t) => {
  const place = await scene(t);
  const french = await place.form(page(await newSession(place)));
  assert.match(french.text, /S’abonner à Reading Club/);
  assert.match(french.text, /9,90\s€ par mois/);
  const english = await place.form(page(await newSession(place, { locale: 'en' })));
  assert.match(english.text, /€9\.90 per month/);
  assert.match(english.text, />Subscribe</);
  const quarterly = await newSession(place, { locale: 'en' }, { recurring: { interval: 'month', interval_count: 3 } });
  assert.match((await place.form(page(quarterly))).text, /€9\.90 every 3 months/);
  const paid = await place.form(page(await newSession(place)), card('4242424242424242'));
  assert.equal(paid.status, 303);
  assert.equal(place.shop.of('invoice.paid').length, 1);
});

test('a trial asks for a card, or for none if the shop says so', async (t) => {
  const place = await scene(t);
  const trial = { subscription_data: { trial_period_days: 14 } };
  const asked = await newSession(place, { ...trial, locale: 'en' });
  const { text } = await place.form(page(asked));
  assert.match(text, /14 days free/);
  assert.match(text, /Then €9\.90 per month/);
  assert.match(text, /name="card_number"/);
  const free = await newSession(place, { ...trial, payment_method_collection: 'if_required' });
  assert.equal(free.amount_total, 0);
  const page0 = await place.form(page(free));
  assert.match(page0.text, /14 jours gratuits/);
  assert.doesNotMatch(page0.text, /name="card_number"/);
  assert.equal((await place.form(page(free), { action: 'pay', email: 'a@example.com', name: 'Ada' })).status, 303);
  await place.shop.untilType('checkout.session.completed');
  const done = place.shop.of('checkout.session.completed')[0].event.data.object;
  assert.equal(done.payment_status, 'no_payment_required');
  const { body } = await place.get(`subscriptions/${done.subscription}`, { expand: ['latest_invoice'] });
  assert.deepEqual([body.status, body.default_payment_method, body.trial_end - body.trial_start], ['trialing', null, 14 * DAY]);
  assert.deepEqual([body.latest_invoice.status, body.latest_invoice.amount_paid, body.latest_invoice.lines.data[0].amount], ['paid', 0, 0]);
  assert.equal(body.items.data[0].current_period_end, body.trial_end);
});

test('a declined card leaves no subscription, a later one makes it', async (t) => {
  const place = await scene(t);
  const session = await newSession(place);
  assert.equal((await place.form(page(session), card('4000000000000341'))).status, 402);
  assert.equal((await place.get('subscriptions', { status: 'all' })).body.data.length, 0);
  const asked = await place.form(page(session), card('4000002760003184'));
  assert.equal(asked.location, `${page(session)}/3ds`);
  assert.equal((await place.form(asked.location, { result: 'fail' })).status, 402);
  await place.form(page(session), card('4000002760003184'));
  assert.equal((await place.form(asked.location, { result: 'complete' })).status, 303);
  const { body } = await place.get('subscriptions');
  assert.deepEqual(body.data.map(({ status }) => status), ['active']);
  assert.equal((await place.get('payment_intents')).body.data.length, 1, 'one intent for all tries');
});

test('coupons: once, for some months, for ever', async (t) => {
  for (const [coupon, totals] of [
    [{ percent_off: 50, duration: 'once' }, [495, 990, 990]],
    [{ amount_off: 190, currency: 'eur', duration: 'repeating', duration_in_months: 2 }, [800, 800, 990]],
    [{ percent_off: 10, duration: 'forever' }, [891, 891, 891]],
    [{ percent_off: 100, duration: 'once' }, [0, 990, 990]],
  ]) {
    const place = await scene(t);
    const { body: { id } } = await place.post('coupons', coupon);
    const session = await newSession(place, { discounts: [{ coupon: id }] });
    assert.equal(session.amount_total, totals[0]);
    await place.control('pay', { session: session.id });
    await place.control('clock', { advance: 65 * DAY });
    const { body } = await place.get('invoices', { limit: 3 });
    assert.deepEqual(body.data.map(({ total }) => total).reverse(), totals, JSON.stringify(coupon));
  }
});

test('credit of the customer pays first: the card pays what is left, the session says the whole', async (t) => {
  for (const [balance, left] of [[-500, 490], [-990, 0], [-2000, 0]]) {
    const place = await scene(t);
    const { body: { id: customer } } = await place.post('customers', { email: 'ada@example.com', balance });
    const session = await newSession(place, { customer });
    await place.control('pay', { session: session.id });
    const { body: { data: [invoice] } } = await place.get('invoices');
    assert.deepEqual([session.amount_total, invoice.total, invoice.amount_due, invoice.amount_paid, invoice.status], [990, 990, left, left, 'paid']);
    const { body: { data: charges } } = await place.get('charges');
    assert.deepEqual(charges.map(({ amount }) => amount), left ? [left] : []);
    const { body: done } = await place.get(`checkout/sessions/${session.id}`);
    assert.deepEqual([done.payment_status, done.status], ['paid', 'complete']);
    assert.equal((await place.get('subscriptions')).body.data[0].status, 'active');
  }
});

test('what is bought once is on the first invoice only', async (t) => {
  const once = { quantity: 2, price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'Welcome box' } } };
  const { line_items: lines } = subscriptionParameters();
  const { get, advance, session } = await subscribed(t, { line_items: [...lines, once] });
  assert.equal(session.amount_total, 1990);
  await advance(32);
  const { body: { data: [second, first] } } = await get('invoices');
  assert.deepEqual(first.lines.data.map(({ amount, parent }) => [amount, parent.type]),
    [[990, 'subscription_item_details'], [1000, 'invoice_item_details']]);
  assert.deepEqual([first.total, second.total, second.lines.data.length], [1990, 990, 1]);
});

const REFUSED = [
  [{ line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 990, product_data: { name: 'x' } } }] }, 'line_items'],
  [{ payment_intent_data: { metadata: {}, description: 'x' } }, 'payment_intent_data'],
  [{ subscription_data: { trial_period_days: 0 } }, 'subscription_data[trial_period_days]'],
  [{ subscription_data: { trial_end: Math.floor(Date.now() / 1000) + 3600 } }, 'subscription_data[trial_end]'],
  [{ subscription_data: { application_fee_percent: 101 } }, 'subscription_data[application_fee_percent]'],
  [{ subscription_data: { colour: 'red' } }, 'subscription_data[colour]'],
  [{ customer_creation: 'always' }, 'customer_creation'],
];

test('wrong parameters are refused', async (t) => {
  const { post } = await scene(t);
  for (const [more, param] of REFUSED) {
    const { status, body } = await post('checkout/sessions', subscriptionParameters(more));
    assert.deepEqual([status, body.error.param], [400, param], JSON.stringify(body));
  }
});
