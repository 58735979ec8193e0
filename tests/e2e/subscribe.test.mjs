// A plan from its trial to its end, against the Stripe double: what the portal says is what Stripe told.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Visitor, all_told, broken_promises, double, mail_to, sql, stripe, until, value } from './shop.mjs';

const DAY = 86400;
const slug = 'studio-pro';
const email = `subscriber-${Date.now()}@example.com`;
let visitor;

const now_at = (subscription) => sql(`SELECT s.status, p.name, s.pause_behavior, s.cancel_at IS NOT NULL, s.changing_at IS NOT NULL, s.next_price_id FROM subscription s JOIN price p ON p.id = s.price_id WHERE s.public_id = '${subscription}'`)[0];
const periods = (subscription) => Number(value(`SELECT COUNT(*) FROM subscription_period p JOIN subscription s ON s.id = p.subscription_id WHERE s.public_id = '${subscription}' AND NOT p.trial`));
const granted = (subscription, kind) => Number(value(`SELECT COALESCE(SUM(l.granted), 0) FROM token_lot l JOIN subscription s ON s.id = l.subscription_id WHERE s.public_id = '${subscription}' AND l.kind = '${kind}'`));
const path_of = (subscription) => `/account/subscriptions/${subscription}`;

const ask_stripe = async (path) => (await fetch(`${stripe}/v1/${path}`, { headers: { authorization: 'Bearer sk_test_comptoir' } })).json();

async function press(subscription, action) {
	const answer = await visitor.submit(await visitor.get(path_of(subscription)), path_of(subscription), { action });
	assert.equal(answer.status, 303, `${action}: ${answer.status}`);
	return answer;
}

// The number of the price on the product page whose link says so.
async function place_of(name) {
	const page = await visitor.get(`/product/${slug}`);
	const links = [...page.text.matchAll(/href="\/checkout\/[0-9A-Za-z]{22}"[^>]*>([\s\S]*?)<\/a>/g)];
	return links.findIndex(([, text]) => text.includes(name));
}

async function subscribe(name, pay = {}) {
	const { answer, session, checkout } = await visitor.to_stripe(slug, await place_of(name));
	assert.equal(answer.status, 303, name);
	await double('pay', { session, wait_ms: 8000, ...pay });
	const order = value(`SELECT id FROM orders WHERE stripe_session = '${session}'`);
	const subscription = await until('the order is paid', () => value(`SELECT s.public_id FROM subscription s JOIN orders o ON o.id = s.order_id WHERE o.id = ${order} AND o.paid_at IS NOT NULL`));
	return { subscription, checkout, order };
}

before(async () => {
	visitor = new Visitor('en');
	await visitor.submit(await visitor.get('/register'), '/register', { email, name: 'Jenny', password: 'a long walk at night', terms: '1' });
	const link = /(\/verify\/[^\s<]*)/.exec((await mail_to(email, /./)).text)[1];
	await visitor.submit(await visitor.get(link), '/verify/.*', {});
	if ((await visitor.get('/account')).status !== 200)
		await visitor.log_in(email, 'a long walk at night');
});

test('a trial, its first month, its end', async () => {
	const { subscription, checkout } = await subscribe('Monthly plan');
	assert.match(checkout.text, /14 days free/);
	await until('the trial tokens are there', () => granted(subscription, 'trial') === 100);
	assert.deepEqual(now_at(subscription), ['trialing', 'plan-monthly', '', '0', '0', '0']);
	assert.equal(periods(subscription), 0);
	assert.match((await visitor.get(path_of(subscription))).text, /Free trial/);
	await double('clock', { advance: 15 * DAY });
	await until('the first month is paid', () => periods(subscription) === 1 && now_at(subscription)[0] === 'active');
	assert.equal(granted(subscription, 'quota'), 1000);

	await press(subscription, 'cancel');
	await until('it ends with its period', () => now_at(subscription)[3] === '1' && now_at(subscription)[4] === '0');
	assert.match((await visitor.get(path_of(subscription))).text, /Ends on/);
	await press(subscription, 'keep');
	await until('it goes on', () => now_at(subscription)[3] === '0' && now_at(subscription)[4] === '0');
	await press(subscription, 'pause');
	await until('it is paused', () => now_at(subscription)[2] === 'void' && now_at(subscription)[4] === '0');
	await press(subscription, 'resume');
	await until('it is resumed', () => now_at(subscription)[2] === '' && now_at(subscription)[4] === '0');

	const portal = await press(subscription, 'portal');
	assert.ok(portal.location.startsWith(stripe));

	// The annual plan, at once: what it costs is shown first.
	const page = await visitor.get(path_of(subscription));
	const plans = [...page.text.matchAll(/href="(\/account\/subscriptions\/\w+\/plan\/\w+)">([^<]*)</g)];
	assert.equal(plans.length, 1, 'one other plan');
	const preview = await visitor.get(plans[0][1]);
	assert.equal(preview.status, 200);
	assert.match(preview.text, /To pay now/);
	const changed = await visitor.submit(preview, plans[0][1]);
	assert.equal(changed.status, 303);
	await until('the annual plan is in force', () => now_at(subscription)[1] === 'plan-annual' && granted(subscription, 'upgrade') > 0);
	assert.equal(Number(value(`SELECT p.amount FROM subscription_period p JOIN subscription s ON s.id = p.subscription_id WHERE s.public_id = '${subscription}' ORDER BY p.id DESC LIMIT 1`)) > 8000, true);

	// Back to the monthly one, from the next period on; and not after all.
	await until('nothing is under way', () => now_at(subscription)[4] === '0');
	const back = [...(await visitor.get(path_of(subscription))).text.matchAll(/href="(\/account\/subscriptions\/\w+\/plan\/\w+)"/g)][0][1];
	const id = value(`SELECT stripe_subscription FROM subscription WHERE public_id = '${subscription}'`);
	const scheduled = async () => (await ask_stripe(`subscriptions/${id}`)).schedule;
	const choose = async () => {
		await visitor.submit(await visitor.get(back), back);
		assert.notEqual(now_at(subscription)[5], '0');
		await until('Stripe knows', scheduled);
	};
	await choose();
	await press(subscription, 'undo');
	assert.equal(now_at(subscription)[5], '0');
	await until('Stripe has forgotten', async () => !await scheduled());

	// It is no hindrance to an end, and comes back when there is to be none.
	await choose();
	await until('it is mirrored', () => value(`SELECT stripe_schedule <> '' AND scheduled_price_id > 0 FROM subscription WHERE public_id = '${subscription}'`) === '1');
	await press(subscription, 'cancel');
	await until('it ends with its year', () => now_at(subscription)[3] === '1' && now_at(subscription)[4] === '0');
	assert.equal(await scheduled(), null);
	await press(subscription, 'keep');
	await until('it goes on', () => now_at(subscription)[3] === '0' && now_at(subscription)[4] === '0');
	await until('Stripe knows again', scheduled);
	assert.equal(broken_promises(), 0);
});

test('the lesser plan begins when the year is over, and is billed once', async () => {
	const [id, subscription, year_end] = sql("SELECT stripe_subscription, public_id, FLOOR(UNIX_TIMESTAMP(period_end)) FROM subscription WHERE scheduled_price_id > 0")[0];
	const before = (await ask_stripe(`invoices?subscription=${id}`)).data.length;
	await double('clock', { set: Number(year_end) - 60 });
	assert.equal((await ask_stripe(`invoices?subscription=${id}`)).data.length, before);
	await double('clock', { set: Number(year_end) + 2 * 3600 });
	await until('the monthly plan is in force', () => now_at(subscription)[1] === 'plan-monthly' && now_at(subscription)[5] === '0');
	const { data } = await ask_stripe(`invoices?subscription=${id}`);
	assert.equal(data.length, before + 1);
	assert.equal(data[0].lines.data[0].period.start, Number(year_end));
	assert.equal(broken_promises(), 0);
});

// A second subscription to the same product is nothing anybody wants to pay for.
test('who subscribes already changes plans instead', async () => {
	const page = await visitor.get(`/product/${slug}`);
	const managed = /href="(\/account\/subscriptions\/\w+)"/.exec(page.text)?.[1];
	assert.ok(managed, 'the product page leads to the subscription');
	const monthly = value("SELECT public_id FROM price WHERE name = 'plan-monthly'");
	const checkout = await visitor.get(`/checkout/${monthly}`);
	assert.equal(checkout.status, 303);
	assert.ok(checkout.location.endsWith(managed));
	assert.equal((await visitor.forge(page, `/checkout/${monthly}`, { quantity: '1', action: 'pay', request_key: 'x'.repeat(22) })).status, 303);
});

test('one trial per person', async () => {
	const id = value(`SELECT stripe_subscription FROM subscription s JOIN account a ON a.id = s.account_id WHERE a.email = '${email}'`);
	await fetch(`${stripe}/v1/subscriptions/${id}`, { method: 'DELETE', headers: { authorization: 'Bearer sk_test_comptoir' } });
	await until('it is over', () => value(`SELECT status FROM subscription WHERE stripe_subscription = '${id}'`) === 'canceled');
	const other = await visitor.to_stripe(slug, await place_of('Annual plan')); // in a second window, left open
	const { subscription, checkout } = await subscribe('Monthly plan');
	assert.doesNotMatch(checkout.text, /14 days free/);
	await until('the payment page in the other window is closed', () => value(`SELECT state FROM orders WHERE stripe_session = '${other.session}'`) === 'expired');
	assert.equal((await visitor.get(other.answer.location)).status, 410, 'nobody can pay there any more');
	// The order is paid by the event that comes first; the month may be in the next.
	await until('its first month is paid', () => periods(subscription) === 1 && now_at(subscription)[0] === 'active');
	assert.equal(granted(subscription, 'trial'), 0);
});

test('staff give a month back, and end the plan with it', async () => {
	const id = value("SELECT id FROM subscription WHERE status = 'active' ORDER BY id DESC LIMIT 1"), of = `subscription_id = ${id}`;
	const number = value(`SELECT o.number FROM orders o JOIN subscription s ON s.order_id = o.id WHERE s.id = ${id}`);
	const staff = await new Visitor('en').log_in('staff@demo.example');
	const path = `/admin/orders/${number}`;
	const page = await until('the payment of its month is told', async () => {
		const found = await staff.get(path);
		return /name="payment"/.test(found.text) && found;
	});
	const payment = /name="payment" value="(pi_\w+)" checked/.exec(page.text)[1];
	const answer = await staff.submit(page, `${path}/refund`, { kind: 'all', payment, ends: 'yes', reason: 'asked by mail' });
	assert.match(answer.location, /notice=refund_asked/);
	await until('the month is given back', () => value(`SELECT state FROM subscription_period WHERE ${of} ORDER BY id DESC LIMIT 1`) === 'revoked');
	await until('the plan ends', () => value(`SELECT status FROM subscription WHERE id = ${id}`) === 'canceled');
	assert.equal(value(`SELECT COALESCE(SUM(remaining), 0) FROM token_lot WHERE ${of} AND state = 'active'`), '0');
	await until('its credit note is issued', () => value(`SELECT COALESCE(SUM(i.total), 1) FROM invoice i JOIN invoice f ON f.id IN (i.id, i.credits_id) AND f.source = 'period'
		JOIN subscription_period p ON p.id = f.source_id WHERE p.${of}`) === '0');
	assert.doesNotMatch((await staff.get(path)).text, /name="payment"/, 'nothing is left to give back');
	const documents = [...(await visitor.get(path_of(value(`SELECT public_id FROM subscription WHERE id = ${id}`)))).text.matchAll(/href="(\/account\/invoices\/\w+-\d+)"/g)];
	assert.equal(documents.length, 2, 'an invoice and its credit note');
	assert.equal((await visitor.get(documents[0][1])).status, 200);
	await all_told(); // the next test counts events
});
