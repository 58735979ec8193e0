// The storm: orders paid, refunded and disputed, subscriptions renewed for months, tokens spent through the API; the events
// one to five times in any order from 16 senders, the buyers on their return pages, while processes are killed. Short here;
// PROOF=1 is the whole of it. Afterwards every order has exactly its rights, every paid invoice is granted once, and every
// ledger adds up.
import assert from 'node:assert/strict';
import { execFileSync, execSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Visitor, broken_promises, double, fetched, shop, sql, stripe, until, value } from './shop.mjs';

const whole = Boolean(process.env.PROOF);
const orders = whole ? 2500 : 40; // four events each, besides those of refunds and disputes
const subscribers = whole ? 20 : 3;
const plans = whole ? 6 : 2; // of each subscriber
const months = whole ? 6 : 3;
const debits = whole ? 2000 : 60;
const kills = whole ? 200 : 12;
const run = process.env.RUN ?? 'run';
const products = ['nuit-bleue', 'rangement', 'lanterne', 'vendre-sans-crier'];
const DAY = 86400;
const conf = process.env.COMPTOIR_CONF ?? `${run}/conf/comptoir.conf`;

const victims = (pattern) => execSync(`pgrep -f '${pattern}' || true`, { encoding: 'utf8' }).split('\n').filter(Boolean).map(Number);

// One random process of this shop: a responder, the worker, an nginx worker; in the whole storm the database too.
async function kill_one(turn) {
	const here = process.cwd();
	if (whole && turn % 10 === 9) {
		execFileSync('sh', ['-c', `kill -9 $(cat ${run}/mariadb.pid)`]);
		await pause(100);
		return execFileSync('sh', ['tests/database.sh', 'start'], { stdio: 'inherit', env: { ...process.env, RUN: run } });
	}
	const found = victims(`^${here}/bin/(shop\\.fcgi|account\\.fcgi|hook\\.fcgi|api\\.fcgi|worker)`);
	if (found.length)
		process.kill(found[Math.floor(Math.random() * found.length)], 'SIGKILL');
	await pause(60);
}

// A page that met a killed process answers 502 or 503: a person presses again, a program asks again.
async function again(ask) {
	for (let i = 0; ; i++) {
		const answer = await ask().catch(() => null);
		if (answer && answer.status < 500)
			return answer;
		assert.ok(i < 100, 'the shop does not come back');
		await pause(100);
	}
}

const comptoir = (words, input) => execFileSync('bin/comptoir', words, { input, encoding: 'utf8', env: { ...process.env, COMPTOIR_CONF: conf } });

// What Stripe's API answers.
const key_of_stripe = { authorization: 'Bearer sk_test_double0000000000000000000' };
async function at_stripe(path, form) {
	const response = await fetched(`${stripe}/v1/${path}`, form ? { method: 'POST', headers: key_of_stripe, body: new URLSearchParams(form) } : { headers: key_of_stripe });
	assert.ok(response.ok, `${path}: ${response.status}`);
	return response.json();
}

// Orders of the demo's two buyers, paid at Stripe, of which the shop knows nothing yet.
async function orders_paid(visitors) {
	const sessions = [];
	for (let i = 0; i < orders; i += 4)
		sessions.push(...await Promise.all([0, 1, 2, 3].map((k) => visitors[k % 2].to_stripe(products[k]).then((going) => going.session))));
	assert.equal(new Set(sessions).size, orders);
	for (const session of sessions)
		await double('pay', { session });
	return sessions;
}

const states = { active: 'active', refunded: 'revoked', lost: 'revoked', open: 'suspended', won: 'active' };
const fates = ['refunded', 'lost', 'open', 'won'];

// Money given back or asked back: by PaymentIntent.
async function fate_of(intent, fate) {
	if (fate === 'refunded')
		return at_stripe('refunds', { payment_intent: intent });
	await double('dispute', { payment_intent: intent, status: 'needs_response' });
	if (fate !== 'open')
		await double('dispute', { payment_intent: intent, close: fate });
}

// Of each sixth order, one after the other; which state the order ends in.
async function orders_fates(sessions) {
	const ends = new Map(sessions.map((session) => [session, 'active']));
	for (let i = 0; i < sessions.length; i += 6) {
		const fate = fates[(i / 6) % 4];
		await fate_of((await at_stripe(`checkout/sessions/${sessions[i]}`)).payment_intent, fate);
		ends.set(sessions[i], fate);
	}
	return ends;
}

// Accounts with orders for plans; the subscriptions to them begin months ago, and renew until today.
async function subscriptions_made() {
	const made = [];
	const stamp = Date.now();
	for (let n = 0; n < subscribers; n++) {
		const email = `storm-${stamp}-${n}@example.com`;
		comptoir(['account', 'add', email, '--name', `Storm ${n}`], 'a long walk at night\n');
		const visitor = await new Visitor('en').log_in(email, 'a long walk at night');
		const page = await visitor.get('/product/studio-pro');
		const links = [...page.text.matchAll(/href="\/checkout\/[0-9A-Za-z]{22}"[^>]*>([\s\S]*?)<\/a>/g)].map(([, text]) => text);
		for (let i = 0; i < plans; i++) {
			const name = i % 4 === 3 ? 'Annual plan' : 'Monthly plan';
			const { session, answer } = await visitor.to_stripe('studio-pro', links.findIndex((text) => text.includes(name)));
			assert.equal(answer.status, 303);
			const [number, stripe_price] = sql(`SELECT o.number, p.stripe_price FROM orders o JOIN order_line l ON l.order_id = o.id JOIN price p ON p.id = l.price_id WHERE o.stripe_session = '${session}'`)[0];
			made.push({ email, number, name, price: stripe_price });
		}
	}
	await double('clock', { set: Math.floor(Date.now() / 1000) - (months * 30 + 5) * DAY });
	for (const one of made)
		one.id = (await double('subscription', { price: one.price, metadata: { order_id: one.number } })).subscriptions[0];
	for (let month = 0; month < months; month++)
		await double('clock', { advance: 30 * DAY });
	await double('clock', { set: Math.floor(Date.now() / 1000) });
	return made;
}

// What Stripe was paid for each: its invoices, of which one in five is given back or asked back.
async function invoices_fates(made) {
	const paid = [];
	for (const subscription of made) {
		const { data } = await at_stripe(`invoices?subscription=${subscription.id}&limit=100`);
		for (const invoice of data)
			paid.push({ invoice: invoice.id, subscription, amount: invoice.amount_paid, status: invoice.status, fate: 'active' });
	}
	assert.ok(paid.length >= made.length * (months - 1), `${paid.length} invoices`);
	assert.ok(paid.every((one) => one.status === 'paid' && one.amount > 0));
	for (let i = 1; i < paid.length; i += 5) {
		const { data } = await at_stripe(`invoice_payments?invoice=${paid[i].invoice}`);
		paid[i].fate = fates[((i - 1) / 5) % 4];
		await fate_of(data[0].payment.payment_intent, paid[i].fate);
	}
	return paid;
}

// Pieces of work, each with a key of its own, asked for until it is answered, and some of them again.
async function tokens_spent(accounts, key, storming) {
	const answers = new Map();
	const debit = (i) => again(() => fetched(`${shop}/api/v1/tokens/debit`, { method: 'POST', headers: { authorization: `Bearer ${key}`,
		'content-type': 'application/json', 'idempotency-key': `storm-${i}` }, body: JSON.stringify({ account: accounts[i % accounts.length], amount: 1 + i % 40 }) }));
	for (let i = 0; i < debits && storming(); i++) {
		const [first, second] = await Promise.all([debit(i), i % 3 ? null : debit(i)]);
		assert.ok([200, 402].includes(first.status), `a debit: ${first.status}`);
		assert.ok(!second || second.status === first.status, 'the same answer under the same key');
		answers.set(`storm-${i}`, { taken: first.status === 200, amount: 1 + i % 40 });
	}
	return answers;
}

const count = (from) => Number(value(`SELECT COUNT(*) FROM ${from}`));

function orders_are_right(ends, mine) {
	const rights = sql(`SELECT o.stripe_session, o.state, GROUP_CONCAT(DISTINCT e.state), COUNT(e.id), (SELECT COUNT(*) FROM order_line l JOIN benefit b ON b.price_id = l.price_id WHERE l.order_id = o.id)
		FROM orders o LEFT JOIN entitlement e ON e.order_id = o.id AND e.source = 'order_line' WHERE ${mine} GROUP BY o.id`).filter(([session]) => ends.has(session));
	assert.equal(rights.length, ends.size);
	const order_states = { active: 'paid', won: 'paid', refunded: 'refunded', lost: 'disputed', open: 'disputed' };
	for (const [session, state, right_states, have, due] of rights) {
		assert.equal(state, order_states[ends.get(session)], `${session} ${ends.get(session)}`);
		assert.equal(right_states, states[ends.get(session)], `rights of ${session}`);
		assert.equal(have, due, `rights of ${session}`);
	}
}

// What a lot may be, before and after its time: one that was over when its money went back stays so.
const lot_states = {
	active: { 0: ['active'], 1: ['expired'] },
	revoked: { 0: ['void'], 1: ['void', 'expired'] },
	suspended: { 0: ['frozen'], 1: ['frozen', 'expired'] },
};

function periods_are_right(made, paid) {
	const known = made.map(({ id }) => `'${id}'`).join(', ');
	const periods = new Map(sql(`SELECT p.stripe_invoice, p.state, COUNT(*), COUNT(DISTINCT l.id), COALESCE(MIN(l.granted), 0), MAX(l.state), MAX(l.expires_at <= UTC_TIMESTAMP(6)) FROM subscription_period p
		JOIN subscription s ON s.id = p.subscription_id LEFT JOIN entitlement e ON e.source = 'period' AND e.source_id = p.id LEFT JOIN token_lot l ON l.entitlement_id = e.id AND l.kind = 'quota'
		AND (l.period_start = p.starts_at) WHERE s.stripe_subscription IN (${known}) GROUP BY p.id`).map(([invoice, ...rest]) => [invoice, rest]));
	assert.equal(periods.size, paid.length, 'a period for each paid invoice, and no other');
	for (const { invoice, subscription, fate } of paid) {
		const [state, once, lots, granted, lot, over] = periods.get(invoice);
		assert.equal(state, states[fate], `${invoice} ${fate}`);
		assert.deepEqual([once, lots, granted], ['1', '1', subscription.name === 'Annual plan' ? '3000' : '1000'], `${subscription.name} ${invoice}: granted once`);
		assert.ok(lot_states[states[fate]][over].includes(lot), `the lot of ${invoice}, ${fate}: ${lot}`);
	}
	assert.equal(Number(value(`SELECT COUNT(*) FROM subscription WHERE stripe_subscription IN (${known}) AND account_id > 0 AND order_id > 0`)), made.length);
}

// Balance = lots = entries, for every account; what is over is expired, and nothing else is.
function ledger_is_right(answers) {
	const now = "UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE";
	assert.equal(count(`token_account a WHERE a.balance <> (SELECT COALESCE(SUM(l.remaining), 0) FROM token_lot l WHERE l.account_id = a.account_id AND l.state = 'active')`), 0, 'balance = lots');
	assert.equal(count(`token_account a WHERE a.balance <> (SELECT COALESCE(SUM(e.amount), 0) FROM token_entry e WHERE e.account_id = a.account_id)`), 0, 'balance = entries');
	assert.equal(count(`token_lot WHERE state = 'active' AND expires_at <= ${now}`), 0, 'what is over is expired');
	assert.equal(count("token_lot WHERE state = 'expired' AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6))"), 0, 'nothing else is');
	assert.equal(count("token_lot WHERE remaining < 0 OR remaining > granted"), 0);
	const rows = new Map(sql("SELECT d.idempotency_key, d.entry_id > 0, COALESCE(-e.amount, d.amount) FROM token_debit d LEFT JOIN token_entry e ON e.id = d.entry_id AND e.account_id = d.account_id WHERE d.idempotency_key LIKE 'storm-%'")
		.map(([key, taken, amount]) => [key, { taken: taken === '1', amount: Number(amount) }]));
	assert.deepEqual([...rows].sort(), [...answers].sort(), 'each piece of work is paid as it was answered');
}

// Whoever has lots that are over, and no visitor: any change of the account expires them, as the job does every five minutes.
async function calendar_read(accounts, key) {
	for (const account of accounts)
		await again(() => fetched(`${shop}/api/v1/tokens/debit`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': 'calendar' },
			body: JSON.stringify({ account, amount: 1 }) }));
}

// A worker that was killed holds its job for two minutes and its mail for five. The short storm does not wait so long: what was
// taken ten seconds ago and is not done counts as left behind.
function leases_end() {
	sql("UPDATE job SET lease_until = UTC_TIMESTAMP(6) WHERE state = 'leased' AND lease_until < UTC_TIMESTAMP(6) + INTERVAL 110 SECOND");
	sql("UPDATE mail SET send_at = UTC_TIMESTAMP(6) WHERE state = 'ready' AND tries > 0 AND send_at BETWEEN UTC_TIMESTAMP(6) AND UTC_TIMESTAMP(6) + INTERVAL 290 SECOND");
}

test('a storm loses nothing and doubles nothing', { timeout: whole ? 3600_000 : 120_000 }, async () => {
	const visitors = await Promise.all(['buyer@demo.example', 'hannah@demo.example'].map((email) => new Visitor('en').log_in(email)));
	const before = count("event WHERE topic = 'order.paid'");
	const told_before = count('stripe_event');
	const first = value('SELECT COALESCE(MAX(id), 0) FROM orders');
	const mine = `o.id > ${first}`;
	const key = /cpt_[\w-]{43}/.exec(comptoir(['key', 'make', 'storm', '--may', 'tokens:debit']))[0];
	await double('delivery', { mode: 'hold' });
	const sessions = await orders_paid(visitors);
	const ends = await orders_fates(sessions);
	const made = await subscriptions_made();
	const paid = await invoices_fates(made);
	const accounts = sql(`SELECT public_id FROM account WHERE email IN (${made.map(({ email }) => `'${email}'`).join(', ')})`).flat();

	let storming = true;
	const killer = (async () => {
		for (let turn = 0; turn < kills && storming; turn++)
			await kill_one(turn);
	})();
	const looker = (async () => {
		const numbers = sql(`SELECT number FROM orders o WHERE ${mine} AND account_id = (SELECT id FROM account WHERE email = 'buyer@demo.example') LIMIT 40`).flat();
		for (let i = 0; storming && numbers.length; i++)
			await again(() => visitors[0].get(`/checkout/return/${numbers[i % numbers.length]}`));
	})();
	const looked = looker.then(() => null, (error) => error);
	const spender = tokens_spent(accounts, key, () => storming);
	const paid_orders = orders + made.length;
	const told = (async () => {
		await double('release', { shuffle: true, duplicate_up_to: 4 });
		await double('delivery', { mode: 'normal' });
		await killer;
		await until('every event is told', async () => {
			const { summary } = await double('retry', { wait_ms: 2000 });
			return !summary.pending && count(`orders o WHERE ${mine} AND paid_at IS NOT NULL`) === paid_orders;
		}, whole ? 1800 : 60);
	})();
	const [answers] = await Promise.all([spender, told]).finally(() => { storming = false; });
	assert.ifError(await looked);
	await calendar_read(accounts, key);

	assert.equal(broken_promises(), 0);
	assert.equal(count("event WHERE topic = 'order.paid'") - before, paid_orders, 'each was paid once');
	assert.equal(count(`orders o WHERE ${mine} AND o.review <> ''`), 0);
	assert.equal(count('(SELECT source, source_id, benefit_id, ordinal FROM entitlement GROUP BY 1, 2, 3, 4 HAVING COUNT(*) > 1) d'), 0);
	orders_are_right(ends, mine);
	periods_are_right(made, paid);
	ledger_is_right(answers);
	await until('one receipt for each', async () => {
		if (!whole)
			leases_end();
		await pause(200);
		return count(`mail m JOIN orders o ON m.unique_key = CONCAT('receipt:', o.number) WHERE ${mine} AND m.state = 'sent'`) === paid_orders;
	}, whole ? 900 : 60);
	await until('no event waits', () => count("stripe_event WHERE state IN ('failed', 'dead')") === 0, 10);
	await until('no job is dead', () => count("job WHERE state = 'dead'") === 0, 10);
	console.log(`# storm: ${orders} orders, ${made.length} subscriptions with ${paid.length} invoices, ${answers.size} debits, ${count('stripe_event') - told_before} events one to five times, ${kills} kills: 0 lost, 0 double`);
});
