// Changing a subscription: plans, prorations, previews, schedules.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { subscribed } from './helper.mjs';

const DAY = 86_400;

// A subscription to 9.90 a month, half of its month over, and prices to change to.
async function half(t, more, how) {
  const place = await subscribed(t, more, how);
  const [item] = place.subscription.items.data;
  const price = async (unit_amount, interval = 'month') => (await place.post('prices',
    { product: item.price.product, currency: 'eur', unit_amount, recurring: { interval } })).body.id;
  await place.control('clock', { set: item.current_period_start + (item.current_period_end - item.current_period_start) / 2 });
  const update = async (params, options) => (await place.post(`subscriptions/${place.id}`, params, options));
  const change = async (to, params = {}) => update({ items: [{ id: item.id, price: to }], ...params });
  return { ...place, item, price, update, change };
}

const amounts = (invoice) => invoice.lines.data.map(({ amount }) => amount);

test('another interval is billed at once and moves the anchor', async (t) => {
  const { change, price, get, events, item, double } = await half(t);
  const { body } = await change(await price(9000, 'year'));
  const now = double.clock.now();
  assert.ok(now - body.billing_cycle_anchor < 5);
  assert.equal(body.items.data[0].id, item.id);
  const { body: invoice } = await get(`invoices/${body.latest_invoice}`);
  assert.deepEqual([amounts(invoice), invoice.total, invoice.status, invoice.billing_reason], [[-495, 9000], 8505, 'paid', 'subscription_update']);
  const [credit, year] = invoice.lines.data;
  assert.equal(credit.parent.invoice_item_details.proration, true);
  assert.equal(credit.pricing.price_details.price, item.price.id);
  assert.equal(credit.period.end, item.current_period_end);
  assert.equal(year.parent.subscription_item_details.proration, false);
  assert.equal(year.period.end, body.items.data[0].current_period_end);
  assert.deepEqual(events().slice(-10).map(({ type }) => type).filter((type) => /^(customer|invoice)\./.test(type)),
    ['invoice.created', 'customer.subscription.updated', 'invoice.finalized', 'invoice.paid', 'invoice.payment_succeeded']);
  const story = JSON.parse(readFileSync(new URL('../spec/stripe/stories/plan-change-proration/02-invoice.paid.json', import.meta.url), 'utf8'));
  const keys = (value) => Object.keys(value).sort();
  story.data.object.lines.data.forEach((line, i) => {
    assert.deepEqual(keys(invoice.lines.data[i]), keys(line));
    assert.deepEqual(keys(invoice.lines.data[i].parent), keys(line.parent));
  });
  const linked = credit.parent.invoice_item_details.proration_details.credited_items;
  assert.equal(linked.invoice_line_items.length, 1);
});

test('the same interval: at once, with the next invoice, or not at all', async (t) => {
  for (const [proration_behavior, now, next] of [
    ['always_invoice', [-495, 995], [1990]], ['create_prorations', null, [-495, 995, 1990]], ['none', null, [1990]],
  ]) {
    const { change, price, get, advance, subscription, item, double } = await half(t);
    const { body } = await change(await price(1990), { proration_behavior });
    assert.equal(body.billing_cycle_anchor, subscription.billing_cycle_anchor);
    assert.equal(body.items.data[0].current_period_end, item.current_period_end);
    assert.equal(body.latest_invoice !== subscription.latest_invoice, now !== null);
    if (now) assert.deepEqual(amounts((await get(`invoices/${body.latest_invoice}`)).body), now);
    await advance(16.5);
    assert.deepEqual(amounts(double.store.all('invoice').at(-1)), next, proration_behavior);
  }
});

test('the flag can sit on the item, as with flexible billing', async (t) => {
  const { change, price, get, control } = await half(t);
  await control('billing', { proration_parent: 'subscription_item_details' });
  const { body } = await change(await price(1990), { proration_behavior: 'always_invoice' });
  const { body: { lines: { data: [line] } } } = await get(`invoices/${body.latest_invoice}`);
  assert.deepEqual([line.parent.type, line.parent.subscription_item_details.proration], ['subscription_item_details', true]);
});

test('a downgrade leaves a credit and an invoice over nothing', async (t) => {
  const { change, price, get, advance, double, session } = await half(t);
  const { body } = await change(await price(190), { proration_behavior: 'always_invoice' });
  const { body: invoice } = await get(`invoices/${body.latest_invoice}`);
  assert.deepEqual([invoice.total, invoice.amount_due, invoice.amount_paid, invoice.status, invoice.ending_balance], [-400, 0, 0, 'paid', -400]);
  assert.equal((await get(`customers/${session.customer}`)).body.balance, -400);
  await advance(16.5);
  const next = double.store.all('invoice').at(-1);
  assert.deepEqual([next.total, next.amount_due, next.ending_balance, next.status], [190, 0, -210, 'paid']);
  await advance(65);
  const later = double.store.all('invoice').at(-1);
  assert.deepEqual([later.total, later.amount_due, later.ending_balance], [190, 170, 0]);
});

test('from a year to a month: the rest of the year is credit', async (t) => {
  const { change, price, get } = await half(t, {}, { price: { unit_amount: 9900, recurring: { interval: 'year' } } });
  const { body } = await change(await price(990));
  const { body: invoice } = await get(`invoices/${body.latest_invoice}`);
  assert.deepEqual([amounts(invoice), invoice.total, invoice.amount_due], [[-4950, 990], -3960, 0]);
});

test('price_data, a proration_date, quantity, a new anchor', async (t) => {
  const { update, get, item, double, id } = await half(t);
  const at = item.current_period_start;
  const given = { currency: 'eur', unit_amount: 1290, product: item.price.product, recurring: { interval: 'month' } };
  const { body } = await update({ items: [{ id: item.id, price_data: given }], proration_behavior: 'always_invoice', proration_date: at });
  assert.deepEqual(amounts((await get(`invoices/${body.latest_invoice}`)).body), [-990, 1290]);
  assert.deepEqual([body.items.data[0].price.unit_amount, body.items.data[0].price.active], [1290, false]);
  const more = await update({ items: [{ id: item.id, quantity: 3 }], proration_behavior: 'none' });
  assert.deepEqual([more.body.quantity, more.body.items.data[0].quantity], [3, 3]);
  const anchored = await update({ billing_cycle_anchor: 'now', proration_behavior: 'none' });
  assert.deepEqual(amounts((await get(`invoices/${anchored.body.latest_invoice}`)).body), [3870]);
  assert.ok(double.clock.now() - anchored.body.billing_cycle_anchor < 5);
  assert.equal((await update({ items: [{ id: 'si_0', price: 'price_0' }] })).body.error.param, 'items[0][id]');
  assert.equal((await update({ items: [{ id: item.id, price: 'price_0' }] })).body.error.param, 'items[0][price]');
  assert.equal((await update({ cancel_at: 1, cancel_at_period_end: true })).status, 400);
  assert.equal(double.store.get('subscription', id).quantity, 3);
});

test('what a change costs can be asked before', async (t) => {
  const { change, price, post, id, item, double } = await half(t);
  const dear = await price(1990);
  const preview = async (more) => (await post('invoices/create_preview',
    { subscription: id, subscription_details: { items: [{ id: item.id, price: dear }], ...more } })).body;
  const at = double.clock.now();
  const shown = await preview({ proration_behavior: 'always_invoice', proration_date: at });
  assert.match(shown.id, /^upcoming_in_/);
  assert.deepEqual([amounts(shown), shown.amount_due], [[-495, 995], 500]);
  assert.deepEqual(amounts(await preview({ proration_behavior: 'create_prorations' })), [-495, 995, 1990]);
  assert.deepEqual(amounts(await preview({ cancel_now: true })), [-495]);
  const next = await post('invoices/create_preview', { subscription: id });
  assert.deepEqual([amounts(next.body), next.body.lines.data[0].period.start], [[990], item.current_period_end]);
  assert.equal(double.store.count('invoice'), 1, 'nothing was made');
  assert.equal(double.store.get('subscription', id).items.data[0].price.id, item.price.id);
  const { body } = await change(dear, { proration_behavior: 'always_invoice', proration_date: at });
  assert.equal(double.store.get('invoice', body.latest_invoice).amount_due, 500);
  await post(`subscriptions/${id}`, { cancel_at_period_end: true });
  assert.deepEqual([(await post('invoices/create_preview', { subscription: id })).status], [404]);
  const fresh = await post('invoices/create_preview', { subscription_details: { items: [{ price: dear }] } });
  assert.deepEqual(amounts(fresh.body), [1990]);
});

test('a change whose payment fails: past due, refused, or waiting', async (t) => {
  const { change, price, control, id, current, post, events, double, advance, item } = await half(t);
  const dear = await price(1990);
  await control('fail_card', { subscription: id });
  const refused = await change(dear, { proration_behavior: 'always_invoice', payment_behavior: 'error_if_incomplete' });
  assert.deepEqual([refused.status, refused.body.error.code], [402, 'card_declined']);
  assert.equal((await current()).items.data[0].price.unit_amount, 990);
  const waiting = await change(dear, { proration_behavior: 'always_invoice', payment_behavior: 'pending_if_incomplete' });
  assert.equal(waiting.body.status, 'active');
  assert.equal(waiting.body.pending_update.subscription_items[0].price.id, dear);
  assert.equal(waiting.body.items.data[0].price.id, item.price.id);
  await advance(1);
  assert.equal((await current()).pending_update, null);
  assert.equal(events('customer.subscription.pending_update_expired').length, 1);
  const again = await change(dear, { proration_behavior: 'always_invoice', payment_behavior: 'pending_if_incomplete' });
  await control('fail_card', { subscription: id, fail: false });
  await post(`invoices/${again.body.latest_invoice}/pay`);
  assert.equal((await current()).items.data[0].price.id, dear);
  assert.equal(events('customer.subscription.pending_update_applied').length, 1);
  await control('fail_card', { subscription: id });
  const allowed = await change(await price(2990), { proration_behavior: 'always_invoice' });
  assert.equal(allowed.body.status, 'past_due');
  assert.equal(double.store.get('invoice', allowed.body.latest_invoice).status, 'open');
});

test('trials are ended, given and prolonged', async (t) => {
  const { update, get, events, double, current } = await half(t, { subscription_data: { trial_period_days: 20 } });
  const later = double.clock.now() + 30 * DAY;
  const longer = await update({ trial_end: later });
  assert.deepEqual([longer.body.status, longer.body.items.data[0].current_period_end], ['trialing', later]);
  const ended = await update({ trial_end: 'now' });
  assert.equal(ended.body.status, 'active');
  assert.deepEqual(amounts((await get(`invoices/${ended.body.latest_invoice}`)).body), [990]);
  assert.equal(events('customer.subscription.trial_will_end').length, 1, 'told at once');
  const given = await update({ trial_end: double.clock.now() + 10 * DAY, proration_behavior: 'none' });
  assert.equal(given.body.status, 'trialing');
  assert.equal((await current()).billing_cycle_anchor, given.body.trial_end);
  assert.equal((await update({ trial_end: 1 })).status, 400);
});

test('a schedule changes the plan at the end of the period', async (t) => {
  const { post, id, price, advance, current, item, double } = await half(t);
  const cheap = await price(490);
  const { body: schedule } = await post('subscription_schedules', { from_subscription: id });
  assert.equal(schedule.phases[0].items[0].price, item.price.id);
  assert.equal((await current()).schedule, schedule.id);
  const { start_date: start, end_date: end } = schedule.phases[0];
  const updated = await post(`subscription_schedules/${schedule.id}`, {
    end_behavior: 'release',
    phases: [
      { items: [{ price: item.price.id, quantity: 1 }], start_date: start, end_date: end }, { items: [{ price: cheap, quantity: 1 }] },
    ],
  });
  assert.equal(updated.body.phases[1].start_date, item.current_period_end);
  assert.deepEqual(amounts((await post('invoices/create_preview', { subscription: id })).body), [490]);
  await advance(17);
  const now = await current();
  assert.deepEqual([now.items.data[0].price.id, now.items.data[0].id, now.schedule], [cheap, item.id, null]);
  assert.equal(double.store.all('invoice').at(-1).total, 490);
  const { body: other } = await post('subscription_schedules', { from_subscription: id });
  assert.equal((await post(`subscription_schedules/${other.id}/release`)).body.status, 'released');
  assert.equal((await post(`subscription_schedules/${other.id}/release`)).status, 400);
});

test('from a year to a month by a schedule: nothing before the year is over, then one month', async (t) => {
  const { post, id, price, control, current, item, update, double } = await half(t, {}, { price: { unit_amount: 9900, recurring: { interval: 'year' } } });
  const { body: { id: schedule, current_phase: phase } } = await post('subscription_schedules', { from_subscription: id });
  const monthly = await price(990);
  await post(`subscription_schedules/${schedule}`, {
    end_behavior: 'release', proration_behavior: 'none', phases: [
      { items: [{ price: item.price.id, quantity: 1 }], start_date: phase.start_date, end_date: item.current_period_end, proration_behavior: 'none' },
      { items: [{ price: monthly, quantity: 1 }], duration: { interval: 'month', interval_count: 1 }, proration_behavior: 'none' },
    ],
  });
  const refused = await update({ cancel_at_period_end: true });
  assert.equal(refused.status, 400);
  assert.match(refused.body.error.message, /managed by the subscription schedule/);
  await control('clock', { set: item.current_period_end - 60 });
  assert.equal(double.store.all('invoice').length, 1);
  await control('clock', { set: item.current_period_end + 2 * 3600 });
  const [first, next, ...others] = double.store.all('invoice');
  assert.deepEqual([first.total, next.total, next.status, others.length], [9900, 990, 'paid', 0]);
  assert.deepEqual(next.lines.data.map(({ period }) => period.start), [item.current_period_end]);
  assert.equal((await current()).billing_cycle_anchor, item.current_period_end);
});

test('items of their own', async (t) => {
  const { post, get, call, id, item, price } = await half(t);
  const { body: second } = await post('subscription_items', { subscription: id, price: await price(300), quantity: 2, proration_behavior: 'none' });
  assert.equal(second.quantity, 2);
  assert.equal((await get('subscription_items', { subscription: id })).body.data.length, 2);
  assert.equal((await post(`subscription_items/${item.id}`, { quantity: 4, proration_behavior: 'none' })).body.quantity, 4);
  assert.equal((await call('DELETE', `/v1/subscription_items/${second.id}`, { params: { proration_behavior: 'none' } })).body.deleted, true);
  assert.equal((await get(`subscriptions/${id}`)).body.items.total_count, 1);
  assert.equal((await call('DELETE', `/v1/subscription_items/${item.id}`)).status, 400);
  const yearly = await post('subscription_items', { subscription: id, price: await price(9000, 'year') });
  assert.equal(yearly.status, 400);
});

test('invoices are voided, given up, and paid outside', async (t) => {
  const { post, get, control, id, advance, current } = await half(t);
  await control('fail_card', { subscription: id });
  await advance(16.5);
  const { body: { data: [open] } } = await get('invoices', { status: 'open' });
  const declined = await post(`invoices/${open.id}/pay`);
  assert.deepEqual([declined.status, declined.body.error.type], [402, 'card_error']);
  assert.equal((await post(`invoices/${open.id}/mark_uncollectible`)).body.status, 'uncollectible');
  const paid = await post(`invoices/${open.id}/pay`, { paid_out_of_band: true });
  assert.deepEqual([paid.body.status, (await current()).status], ['paid', 'active']);
  assert.equal((await post(`invoices/${open.id}/pay`)).body.error.code, 'invoice_already_paid');
  assert.equal((await post(`invoices/${open.id}/void`)).status, 400);
  const { body: lines } = await get(`invoices/${open.id}/lines`, { limit: 1 });
  assert.deepEqual([lines.data.length, lines.has_more], [1, false]);
  assert.equal((await get('invoices', { subscription: id, limit: 1 })).body.has_more, true);
});
