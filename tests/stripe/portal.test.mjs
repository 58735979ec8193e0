// The customer portal, and the npm client on all of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, subscribed } from './helper.mjs';

const path = (url) => new URL(url).pathname;

async function portal(t, more = {}, how) {
  const place = await subscribed(t, more.session, how);
  const { status, body } = await place.post('billing_portal/sessions',
    { customer: place.session.customer, return_url: 'https://shop.example.com/account', locale: 'en', ...more.portal });
  assert.equal(status, 200, JSON.stringify(body));
  const at = path(body.url);
  const submit = (fields) => place.form(at, { subscription: place.id, ...fields });
  return { ...place, at, submit, text: async () => (await place.form(at)).text, opened: body };
}

test('the portal shows the subscription and the way back', async (t) => {
  const { text, opened, form, at, control } = await portal(t);
  assert.equal(opened.object, 'billing_portal.session');
  const page = await text();
  for (const part of [/Reading Club/, /€9\.90 per month/, /Next payment: €9\.90/, /visa •••• 4242/, /Cancel subscription/,
    /href="https:\/\/shop\.example\.com\/account"/, /\/i\/in_/]) assert.match(page, part);
  assert.doesNotMatch(page, /<script/);
  assert.equal((await form('/p/session/test_0')).status, 404);
  await control('clock', { advance: 3700 });
  assert.equal((await form(at)).status, 410);
});

test('cancel, and think again', async (t) => {
  const { submit, current, text, events } = await portal(t);
  assert.equal((await submit({ action: 'cancel', feedback: 'unused' })).status, 303);
  const one = await current();
  assert.deepEqual([one.cancel_at_period_end, one.cancellation_details.feedback], [true, 'unused']);
  assert.match(await text(), /Don&#39;t cancel/);
  await submit({ action: 'renew' });
  assert.equal((await current()).cancel_at_period_end, false);
  assert.equal(events('customer.subscription.updated').length, 2);
});

test('a new card, one that declines later, and one that is refused', async (t) => {
  const { submit, current, advance, text, events } = await portal(t);
  const good = await current();
  assert.equal((await submit(card('4000000000000002', { action: 'card' }))).status, 402);
  assert.equal((await submit(card('1234', { action: 'card' }))).status, 422);
  assert.equal((await submit(card('4000000000000341', { action: 'card' }))).status, 303);
  const now = await current();
  assert.notEqual(now.default_payment_method, good.default_payment_method);
  assert.match(await text(), /visa •••• 0341/);
  assert.ok(events('payment_method.attached').length === 2);
  await advance(31.1);
  assert.equal((await current()).status, 'past_due');
});

test('what the configuration does not allow is not there', async (t) => {
  const { post, get, session, form, id, current } = await portal(t);
  const { body: configuration } = await post('billing_portal/configurations', { features: { invoice_history: { enabled: true } } });
  assert.equal(configuration.features.subscription_cancel.enabled, false);
  const { body } = await post('billing_portal/sessions', { customer: session.customer, configuration: configuration.id });
  const page = await form(path(body.url));
  assert.doesNotMatch(page.text, /value="cancel"|name="card_number"/);
  await form(path(body.url), { action: 'cancel', subscription: id });
  assert.equal((await current()).cancel_at_period_end, false);
  assert.equal((await get('billing_portal/configurations')).body.data.length, 2);
  const changed = await post(`billing_portal/configurations/${configuration.id}`,
    { features: { subscription_cancel: { enabled: true, mode: 'immediately' } } });
  assert.equal(changed.body.features.invoice_history.enabled, true);
  await form(path(body.url), { action: 'cancel', subscription: id });
  assert.equal((await current()).status, 'canceled');
});

test('flows lead to one thing and back to the shop', async (t) => {
  const back = { type: 'redirect', redirect: { return_url: 'https://shop.example.com/done' } };
  const { post, session, id, form, current, subscription } = await portal(t);
  const open = async (flow_data) => post('billing_portal/sessions', { customer: session.customer, locale: 'en', flow_data });
  const [item] = subscription.items.data;
  const { body: price } = await post('prices', { product: item.price.product, currency: 'eur', unit_amount: 9000, recurring: { interval: 'year' } });
  const change = await open({
    type: 'subscription_update_confirm', after_completion: back,
    subscription_update_confirm: { subscription: id, items: [{ id: item.id, price: price.id }] },
  });
  const shown = await form(path(change.body.url));
  assert.match(shown.text, /€90\.00 per year/);
  assert.match(shown.text, /To pay now: €80\.10/);
  const changed = await form(path(change.body.url), { action: 'update', subscription: id });
  assert.equal(changed.location, 'https://shop.example.com/done');
  assert.equal((await current()).items.data[0].price.id, price.id);
  const cancel = await open({ type: 'subscription_cancel', after_completion: back, subscription_cancel: { subscription: id } });
  assert.match((await form(path(cancel.body.url))).text, /Cancel Reading Club\?/);
  assert.equal((await form(path(cancel.body.url), { action: 'cancel', subscription: id })).location, 'https://shop.example.com/done');
  const method = await open({ type: 'payment_method_update' });
  assert.doesNotMatch((await form(path(method.body.url))).text, /Invoices/);
  assert.equal((await open({ type: 'subscription_cancel', subscription_cancel: { subscription: 'sub_0' } })).status, 400);
  assert.equal((await post('billing_portal/sessions', { customer: 'cus_0' })).body.error.param, 'customer');
});
