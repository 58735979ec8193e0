// Months going by: renewals, declined cards, trials, pauses, ends.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { card, scene, subscribed } from './helper.mjs';
import { boundary, periodAt } from './period.mjs';
import { startDouble } from './server.mjs';

const DAY = 86_400;
const MONTH = { interval: 'month', interval_count: 1 };
const time = (text) => Date.parse(text) / 1000;
const path = (url) => new URL(url).pathname;

test('months are counted from the anchor', () => {
  const anchor = time('2027-01-31T10:20:30Z');
  const starts = [0, 1, 2, 3, 13].map((n) => new Date(boundary(anchor, MONTH, n) * 1000).toISOString());
  assert.deepEqual(starts, ['2027-01-31T10:20:30.000Z', '2027-02-28T10:20:30.000Z', '2027-03-31T10:20:30.000Z',
    '2027-04-30T10:20:30.000Z', '2028-02-29T10:20:30.000Z']);
  const leap = time('2028-02-29T00:00:00Z');
  const YEAR = { interval: 'year', interval_count: 1 };
  assert.equal(boundary(leap, YEAR, 1), time('2029-02-28T00:00:00Z'));
  assert.equal(boundary(leap, YEAR, 4), time('2032-02-29T00:00:00Z'));
  for (let day = -400; day < 400; day += 1) {
    const { start, end } = periodAt(anchor, MONTH, anchor + day * DAY);
    assert.ok(start <= anchor + day * DAY && anchor + day * DAY < end);
  }
});

test('each month an invoice is made, and paid an hour later', async (t) => {
  const { events, current, subscription, advance, get } = await subscribed(t);
  const first = subscription.items.data[0].current_period_end;
  await advance(365.1);
  const renewed = await current();
  assert.equal(renewed.billing_cycle_anchor, subscription.billing_cycle_anchor);
  const { body: { data } } = await get('invoices', { limit: 20 });
  assert.equal(data.length, 13, 'twelve renewals');
  const periods = data.map(({ lines }) => lines.data[0].period).reverse();
  periods.slice(1).forEach(({ start }, i) => assert.equal(start, periods[i].end));
  assert.equal(periods[1].start, first);
  const [last] = data;
  assert.equal(last.billing_reason, 'subscription_cycle');
  assert.equal(last.status_transitions.finalized_at, last.created + 3600);
  assert.deepEqual([last.attempt_count, last.attempted, last.auto_advance], [1, true, false]);
  const told = events().filter(({ created }) => created >= last.created).map(({ type, created }) => [type, created - last.created]);
  assert.deepEqual(told, [['invoice.created', 0], ['customer.subscription.updated', 0], ['payment_intent.created', 3600],
    ['invoice.finalized', 3600], ['charge.succeeded', 3600], ['payment_intent.succeeded', 3600], ['charge.updated', 3600],
    ['invoice_payment.paid', 3600], ['invoice.paid', 3600], ['invoice.payment_succeeded', 3600]]);
  const { data: { previous_attributes: old } } = events('customer.subscription.updated').at(-1);
  assert.deepEqual(Object.keys(old).sort(), ['items', 'latest_invoice']);
  assert.equal(old.items.data[0].current_period_end, last.lines.data[0].period.start);
});

test('events older than 30 days are forgotten', async (t) => {
  const { advance, get, double } = await subscribed(t);
  await advance(120);
  await get('events');
  const oldest = double.store.all('event')[0];
  assert.ok(oldest.created >= double.clock.now() - 30 * DAY);
});

test('a card that declines is tried again after 3, 5 and 7 days; then the subscription ends', async (t) => {
  const { id, events, current, control, advance, get } = await subscribed(t);
  await control('fail_card', { subscription: id, because: 'insufficient_funds' });
  await advance(31.1);
  assert.equal((await current()).status, 'past_due');
  const { body: { data: [invoice] } } = await get('invoices');
  assert.deepEqual([invoice.status, invoice.attempt_count, invoice.next_payment_attempt - invoice.created], ['open', 1, 3600 + 3 * DAY]);
  assert.deepEqual(events('customer.subscription.updated').at(-1).data.previous_attributes, { status: 'active' });
  await advance(13);
  assert.equal((await current()).status, 'past_due');
  await advance(2);
  const failed = events('invoice.payment_failed').map(({ data: { object }, created }) =>
    [object.attempt_count, object.next_payment_attempt === null, Math.round((created - object.created) / DAY)]);
  assert.deepEqual(failed, [[1, false, 0], [2, false, 3], [3, false, 8], [4, true, 15]]);
  const [end] = events('customer.subscription.deleted');
  assert.deepEqual([end.data.object.status, end.data.object.cancellation_details.reason], ['canceled', 'payment_failed']);
  assert.equal((await get('invoices', { subscription: id, status: 'open' })).body.data.length, 1);
  await advance(100);
  assert.equal((await get('invoices')).body.data.length, 2, 'no more invoices');
});

test('a retry that pays makes it active again', async (t) => {
  const { id, events, current, control, advance } = await subscribed(t);
  await control('fail_card', { subscription: id });
  await advance(31.1);
  await control('fail_card', { subscription: id, fail: false });
  await advance(4);
  assert.equal((await current()).status, 'active');
  const paid = events('invoice.paid').at(-1).data.object;
  assert.equal(paid.attempt_count, 2);
  assert.deepEqual(events('customer.subscription.updated').at(-1).data.previous_attributes, { status: 'past_due' });
});

for (const [after, status, drafts] of [['unpaid', 'unpaid', 1], ['past_due', 'past_due', 0]]) {
  test(`after the last retry it can stay ${after}`, async (t) => {
    const { id, current, control, advance, get, post, session } = await subscribed(t);
    await control('billing', { after_retries: after, retry_days: [1, 1] });
    await control('fail_card', { subscription: id });
    await advance(62.5);
    assert.equal((await current()).status, status);
    const { body: { data } } = await get('invoices', { subscription: id });
    assert.equal(data.filter((one) => one.status === 'draft').length, drafts);
    const { body: method } = await post('payment_methods/pm_card_visa/attach', { customer: session.customer });
    await post(`subscriptions/${id}`, { default_payment_method: method.id });
    if (data[0].status === 'draft') await post(`invoices/${data[0].id}/finalize`, { auto_advance: false });
    assert.equal((await post(`invoices/${data[0].id}/pay`)).body.status, 'paid');
    assert.equal((await current()).status, 'active');
  });
}

test('the buyer pays an overdue invoice on its page', async (t) => {
  const { id, current, control, advance, get, form: page } = await subscribed(t);
  await control('fail_card', { subscription: id });
  await advance(31.1);
  const { body: { data: [invoice] } } = await get('invoices');
  const at = path(invoice.hosted_invoice_url);
  assert.match((await page(at)).text, /Facture/);
  assert.equal((await page(at, card('4000000000000002'))).status, 402);
  assert.equal((await get(`invoices/${invoice.id}`)).body.next_payment_attempt, invoice.next_payment_attempt, 'retries stay as planned');
  assert.equal((await page(at, card('4242424242424242'))).status, 303);
  assert.equal((await current()).status, 'active');
  assert.match((await page(at)).text, /payée/);
  assert.equal((await page(`/i/${invoice.id}/test_wrong`)).status, 404);
});

test('a trial: told three days before, then billed', async (t) => {
  const { events, current, subscription, advance } = await subscribed(t, { subscription_data: { trial_period_days: 14 } });
  assert.equal(subscription.status, 'trialing');
  await advance(15);
  const [warning] = events('customer.subscription.trial_will_end');
  assert.equal(warning.created, subscription.trial_end - 3 * DAY);
  const now = await current();
  assert.deepEqual([now.status, now.billing_cycle_anchor], ['active', subscription.trial_end]);
  const [none, first] = events('invoice.paid').map(({ data }) => data.object);
  assert.deepEqual([none.billing_reason, none.amount_paid, first.billing_reason, first.amount_paid],
    ['subscription_create', 0, 'subscription_cycle', 990]);
  assert.deepEqual(Object.keys(events('customer.subscription.updated')[0].data.previous_attributes).sort(), ['items', 'latest_invoice', 'status']);
});

for (const [way, status, event] of [['cancel', 'canceled', 'deleted'], ['pause', 'paused', 'paused'], ['create_invoice', 'past_due', 'updated']]) {
  test(`a trial that ends without a card: ${way}`, async (t) => {
    const { id, events, current, advance, post, session } = await subscribed(t, {
      payment_method_collection: 'if_required',
      subscription_data: { trial_period_days: 5, trial_settings: { end_behavior: { missing_payment_method: way } } },
    });
    await advance(5.2);
    assert.equal((await current()).status, status);
    assert.ok(events(`customer.subscription.${event}`).length > 0);
    if (way !== 'pause') return;
    await advance(90);
    assert.equal(events('invoice.created').length, 1, 'nothing is billed while paused');
    const { body: method } = await post('payment_methods/pm_card_visa/attach', { customer: session.customer });
    await post(`customers/${session.customer}`, { invoice_settings: { default_payment_method: method.id } });
    const { body } = await post(`subscriptions/${id}/resume`, { billing_cycle_anchor: { type: 'now' } });
    assert.equal(body.status, 'active');
    assert.ok(events('customer.subscription.resumed').length === 1);
    assert.equal(events('invoice.paid').at(-1).data.object.amount_paid, 990);
  });
}

test('pause and resume by call', async (t) => {
  const { id, events, post, advance, subscription } = await subscribed(t);
  assert.equal((await post(`subscriptions/${id}/pause`, { type: 'subscription' })).body.status, 'paused');
  assert.equal((await post(`subscriptions/${id}/pause`)).status, 400);
  const types = () => events().slice(-2).map(({ type }) => type);
  assert.deepEqual(types(), ['customer.subscription.paused', 'customer.subscription.updated']);
  assert.deepEqual(events().at(-1).data.previous_attributes, { status: 'active' });
  await advance(5);
  const { body } = await post(`subscriptions/${id}/resume`, { billing_cycle_anchor: 'unchanged' });
  assert.deepEqual([body.status, body.items.data[0].current_period_end], ['active', subscription.items.data[0].current_period_end]);
  assert.deepEqual(types(), ['customer.subscription.resumed', 'customer.subscription.updated']);
  assert.equal((await post(`subscriptions/${id}/resume`)).status, 400);
});

for (const [behavior, status, event] of [['void', 'void', 'invoice.voided'],
  ['mark_uncollectible', 'uncollectible', 'invoice.marked_uncollectible'], ['keep_as_draft', 'draft', null]]) {
  test(`pause_collection ${behavior}`, async (t) => {
    const { id, events, current, post, advance, double } = await subscribed(t);
    const resumes = double.clock.now() + 70 * DAY;
    await post(`subscriptions/${id}`, { pause_collection: { behavior, resumes_at: resumes } });
    assert.deepEqual(events().at(-1).data.previous_attributes, { pause_collection: null });
    await advance(65);
    const one = await current();
    assert.deepEqual([one.status, one.pause_collection.behavior], ['active', behavior]);
    assert.deepEqual(double.store.all('invoice').map((invoice) => invoice.status), ['paid', status, status]);
    if (event) assert.equal(events(event).length, 2);
    assert.equal(events('customer.subscription.paused').length, 0);
    await advance(10);
    assert.equal((await current()).pause_collection, null);
    assert.deepEqual(events('customer.subscription.updated').at(-1).data.previous_attributes.pause_collection, { behavior, resumes_at: resumes });
    await advance(25);
    assert.equal(double.store.all('invoice').at(-1).status, 'paid');
  });
}

test('pause_collection is cleared with an empty value', async (t) => {
  const { id, post } = await subscribed(t);
  await post(`subscriptions/${id}`, { pause_collection: { behavior: 'void' } });
  assert.equal((await post(`subscriptions/${id}`, { pause_collection: '' })).body.pause_collection, null);
});

test('canceling at the end of the period, and not', async (t) => {
  const { id, events, current, post, advance, subscription } = await subscribed(t);
  const end = subscription.items.data[0].current_period_end;
  const { body } = await post(`subscriptions/${id}`, { cancel_at_period_end: true, cancellation_details: { feedback: 'unused' } });
  assert.deepEqual([body.cancel_at, body.cancel_at_period_end, body.status], [end, true, 'active']);
  assert.deepEqual(events().at(-1).data.previous_attributes, {
    cancel_at: null, cancel_at_period_end: false, canceled_at: null, cancellation_details: { feedback: null, reason: null },
  });
  await post(`subscriptions/${id}`, { cancel_at_period_end: false });
  await advance(40);
  assert.equal((await current()).cancel_at, null);
  await post(`subscriptions/${id}`, { cancel_at_period_end: true });
  await advance(40);
  const [over] = events('customer.subscription.deleted').map(({ data }) => data.object);
  assert.deepEqual([over.status, over.ended_at, over.cancellation_details.reason], ['canceled', over.cancel_at, 'cancellation_requested']);
  assert.equal(events('invoice.paid').length, 2);
  assert.equal((await post(`subscriptions/${id}`, { cancel_at_period_end: false })).status, 400);
});

test('canceling at a given time, and now', async (t) => {
  const { id, events, call, post, advance, double } = await subscribed(t);
  const at = double.clock.now() + 10 * DAY;
  assert.equal((await post(`subscriptions/${id}`, { cancel_at: at })).body.cancel_at, at);
  assert.equal((await post(`subscriptions/${id}`, { cancel_at: '' })).body.cancel_at, null);
  await advance(15);
  const { body } = await call('DELETE', `/v1/subscriptions/${id}`, { params: { invoice_now: true, prorate: true } });
  assert.equal(body.status, 'canceled');
  const last = events('invoice.paid').at(-1).data.object;
  assert.ok(last.total < 0 && last.amount_due === 0, 'the unused half is given back as credit');
  assert.equal(double.store.get('customer', body.customer).balance, last.total);
  assert.equal((await call('DELETE', `/v1/subscriptions/${id}`)).status, 404);
});

test('a first payment that needs the buyer is waited for, 23 hours long', async (t) => {
  const { post, control, double, form: page } = await scene(t);
  await control('delivery', { mode: 'drop' });
  const { body: customer } = await post('customers', { email: 'a@example.com', payment_method: 'pm_card_threeDSecure2Required' });
  const { body: product } = await post('products', { name: 'Club' });
  const { body: price } = await post('prices', { product: product.id, currency: 'eur', unit_amount: 900, recurring: { interval: 'month' } });
  const [method] = double.store.all('payment_method');
  const make = async () => (await post('subscriptions', {
    customer: customer.id, items: [{ price: price.id }], default_payment_method: method.id, expand: ['latest_invoice'],
  })).body;
  const left = await make();
  assert.equal(left.status, 'incomplete');
  await control('clock', { advance: 23 * 3600 });
  assert.equal(double.store.get('subscription', left.id).status, 'incomplete_expired');
  assert.equal(double.store.get('invoice', left.latest_invoice.id).status, 'void');
  const taken = await make();
  const at = path(taken.latest_invoice.hosted_invoice_url);
  assert.match((await page(at)).text, /value="complete"/);
  assert.equal((await page(at, { result: 'complete' })).status, 303);
  assert.equal(double.store.get('subscription', taken.id).status, 'active');
  await control('clock', { advance: 31.1 * DAY });
  const events = double.store.all('event').map(({ type }) => type);
  assert.ok(events.includes('invoice.payment_action_required'));
  assert.equal(double.store.get('subscription', taken.id).status, 'past_due');
});

test('a bad day does not stop the months: held, then released', async (t) => {
  const { control, shop, advance } = await subscribed(t);
  await control('delivery', { mode: 'hold' });
  await advance(65);
  assert.equal(shop.got.length, 0);
  const { body } = await control('release', { shuffle: true, duplicate: 1, seed: 3, wait_ms: 5000 });
  assert.equal(body.summary.held, 0);
  assert.equal(shop.of('invoice.paid').length, 4);
});

test('a restart in between changes nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'double-'));
  const state = join(folder, 'state');
  const { id, double, control } = await subscribed(t, {}, { options: { state } });
  await control('fail_card', { subscription: id });
  await control('clock', { advance: 31.1 * DAY });
  await double.stop();
  const again = await startDouble({ port: 0, state });
  t.after(async () => {
    await again.stop();
    rmSync(folder, { recursive: true });
  });
  assert.equal(again.store.get('subscription', id).status, 'past_due');
  again.clock.advance(20 * DAY);
  again.due.run();
  assert.equal(again.store.get('subscription', id).status, 'canceled');
});

test('many at once, quickly', async (t) => {
  const { control, post, double, get } = await scene(t);
  await control('delivery', { mode: 'drop' });
  const { body: product } = await post('products', { name: 'Club' });
  const { body: price } = await post('prices', { product: product.id, currency: 'eur', unit_amount: 900, recurring: { interval: 'month' } });
  const { body } = await control('subscription', { count: 100, price: price.id, metadata: { user_id: 'u{n}' }, spread: 20 * DAY });
  assert.equal(body.subscriptions.length, 100);
  assert.equal(double.store.get('subscription', body.subscriptions[6]).metadata.user_id, 'u7');
  const started = process.cpuUsage();
  await control('clock', { advance: 365 * DAY });
  assert.equal(double.store.count('invoice'), 100 * 13);
  assert.ok(process.cpuUsage(started).user < 5e6);
  const seen = new Set(), since = double.clock.now() - 10 * DAY; // once: the clock goes on between the pages
  let after;
  for (;;) {
    const { body: rows } = await get('events', {
      types: ['invoice.paid', 'customer.subscription.updated'], created: { gte: since }, limit: 100,
      ...(after ? { starting_after: after } : {}),
    });
    for (const { id } of rows.data) seen.add(id);
    after = rows.data.at(-1)?.id;
    if (!rows.has_more) break;
  }
  const all = double.store.all('event').filter(({ type, created }) =>
    ['invoice.paid', 'customer.subscription.updated'].includes(type) && created >= since);
  assert.equal(seen.size, all.length);
  assert.equal((await control('subscription', { count: 0, price: price.id })).status, 400);
});
