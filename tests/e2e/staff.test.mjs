// Staff: an order refunded by its page, by line and by amount; refused when disputed; Stripe away; a held order; metrics.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Visitor, double, shop, sql, stripe, until, value } from './shop.mjs';

const staff = await new Visitor('en').log_in('staff@demo.example');
const order_of = (session) => value(`SELECT number FROM orders WHERE stripe_session = '${session}'`);
const state = (number) => value(`SELECT CONCAT(state, ' ', refunded) FROM orders WHERE number = '${number}'`);
const rights = (number) => value(`SELECT GROUP_CONCAT(DISTINCT state) FROM entitlement WHERE order_number = '${number}'`);
const notice = (answer) => /notice=(\w+)/.exec(answer.location)?.[1];
// A refusal is the order's page again, with what is wrong on it.
const refused = (answer, words, why) => assert.ok(answer.status === 422 && answer.text.includes(words), `${why ?? words}: ${answer.status} ${answer.location}`);

async function bought(slug, how = {}) {
	const visitor = await new Visitor('en').log_in('buyer@demo.example');
	const { session } = await visitor.to_stripe(slug);
	await double('pay', { session, wait_ms: 5000, ...how });
	const number = order_of(session);
	await until(`${number} is paid`, () => value(`SELECT paid_at IS NOT NULL FROM orders WHERE number = '${number}'`) === '1');
	return { number, session };
}

async function refund(number, fields) {
	const page = await staff.get(`/admin/orders/${number}`);
	assert.equal(page.status, 200);
	const form = await staff.get('/admin/health');
	return staff.forge(form, `/admin/orders/${number}/refund`, { key: /name="key" value="(\w{22})"/.exec(page.text)?.[1] ?? 'AAAAAAAAAAAAAAAAAAAAAA', reason: 'asked by mail', ...fields });
}

test('the zone is for staff alone', async () => {
	const member = await new Visitor('en').log_in('buyer@demo.example');
	for (const path of ['/admin', '/admin/health', '/admin/orders', '/admin/disputes', '/admin/grant', '/metrics', '/admin/orders/AAAA-BBBB-CCCC', '/admin/disputes/x']) {
		assert.equal((await new Visitor('en').get(path)).status, 303, path);
		assert.equal((await member.get(path)).status, 403, path);
	}
	const home = await member.get('/account');
	for (const path of ['/admin/health', '/admin/orders/AAAA-BBBB-CCCC/refund', '/admin/orders/AAAA-BBBB-CCCC/review', '/admin/grant'])
		assert.equal((await member.forge(home, path, {})).status, 403, path);
});

test('a full refund: asked for once, told as a fact, the rights go', async () => {
	const { number } = await bought('rangement');
	const page = await staff.get(`/admin/orders/${number}`);
	const answers = await Promise.all([1, 2, 3].map(() => staff.submit(page, `/admin/orders/${number}/refund`, { kind: 'all', reason: 'asked by mail' })));
	assert.ok(answers.every((answer) => notice(answer) === 'refund_asked'));
	await until('refunded', () => /^refunded /.test(state(number)));
	assert.equal(rights(number), 'revoked');
	assert.equal(value(`SELECT COUNT(*) FROM refund r JOIN orders o ON o.id = r.order_id WHERE o.number = '${number}'`), '1');
	await until('the event of it is there too', async () => (await double('wait', { wait_ms: 5000 })) && value(`SELECT COUNT(*) FROM refund r JOIN orders o ON o.id = r.order_id WHERE o.number = '${number}' AND status = 'succeeded'`) === '1');
	refused(await refund(number, { kind: 'all' }), 'All of it is refunded already');
	assert.equal(value(`SELECT COUNT(*) FROM event e JOIN orders o ON o.id = e.subject_id WHERE o.number = '${number}' AND topic = 'order.refunded'`), '1');
	assert.equal(value(`SELECT COUNT(*) FROM audit a JOIN refund r ON r.id = a.subject_id JOIN orders o ON o.id = r.order_id WHERE o.number = '${number}' AND a.action = 'refund.asked' AND a.actor_id > 0`), '1');
});

test('an amount leaves the rights, a line takes its own; too much is refused', async () => {
	const { number } = await bought('lanterne');
	refused(await refund(number, { kind: 'amount', amount: '9999' }), 'That is more than is left.');
	for (const amount of ['', '0', '-1', '1.001', '1e3', '٣', '1,00,0'])
		refused(await refund(number, { kind: 'amount', amount }), amount ? 'This is no amount' : 'Please fill this in.', amount);
	refused(await refund(number, { kind: 'lines' }), 'Tick the lines');
	refused(await refund(number, { kind: 'all', amount: '5' }), 'not what you chose');
	assert.equal(notice(await refund(number, { kind: 'amount', amount: '1,50' })), 'refund_asked');
	await until('partly', () => state(number) === 'partially_refunded 150');
	assert.equal(rights(number), 'active');
	const other = await bought('lanterne');
	assert.equal(notice(await refund(other.number, { kind: 'lines', line_1: 'yes' })), 'refund_asked');
	await until('the line', () => rights(other.number) === 'revoked');
	refused(await refund(other.number, { kind: 'lines', line_1: 'yes' }), 'All of it is refunded already');
});

test('a disputed payment is not refunded; the page of the dispute says until when', async () => {
	const { number, session } = await bought('nuit-bleue');
	await double('dispute', { session });
	await until('disputed', () => /^disputed/.test(state(number)));
	refused(await refund(number, { kind: 'all' }), 'The payment is disputed');
	assert.equal(value(`SELECT COUNT(*) FROM refund r JOIN orders o ON o.id = r.order_id WHERE o.number = '${number}'`), '0');
	const list = await staff.get('/admin/disputes');
	const id = value(`SELECT d.public_id FROM dispute d JOIN orders o ON o.stripe_payment = d.payment_intent WHERE o.number = '${number}'`);
	assert.ok(list.text.includes(`/admin/disputes/${id}`));
	const page = await staff.get(`/admin/disputes/${id}`);
	const days = value(`SELECT TIMESTAMPDIFF(DAY, UTC_TIMESTAMP(6), due_by) FROM dispute WHERE public_id = '${id}'`); // by Stripe's clock, which other tests set
	assert.ok(Number(days) >= 8);
	assert.match(page.text, new RegExp(`\\b${days} days left to answer`));
	assert.match(page.text, /dashboard\.stripe\.com\/test\/disputes\/du_/);
	assert.match(page.text, /Suspended/);
});

test('with Stripe away the wish waits, and is one refund in the end', { timeout: 90_000 }, async () => {
	const { number } = await bought('contraste');
	await double('outage', { mode: 'lost', path: '/v1/refunds', count: 4 }); // carried out, never answered
	assert.equal(notice(await refund(number, { kind: 'amount', amount: '2' })), 'refund_asked');
	await until('refunded', () => state(number) === 'partially_refunded 200', 60);
	await double('outage', { mode: 'off' });
	await until('answered', () => value(`SELECT r.status FROM refund r JOIN orders o ON o.id = r.order_id WHERE o.number = '${number}'`) === 'succeeded', 60);
	const { payment_intent } = await (await fetch(`${stripe}/v1/checkout/sessions/${value(`SELECT stripe_session FROM orders WHERE number = '${number}'`)}`, { headers: { authorization: 'Bearer sk_test_double0000000000000000000' } })).json();
	const { data } = await (await fetch(`${stripe}/v1/refunds?payment_intent=${payment_intent}`, { headers: { authorization: 'Bearer sk_test_double0000000000000000000' } })).json();
	assert.equal(data.length, 1);
});

test('what Stripe refuses is said, with its reason', async () => {
	const { number, session } = await bought('vendre-sans-crier');
	await double('delivery', { mode: 'drop' }); // the shop does not know yet that it is disputed
	await double('dispute', { session });
	assert.equal(notice(await refund(number, { kind: 'all' })), 'refund_asked');
	const declined = () => value(`SELECT CONCAT(r.status, ' ', r.error) FROM refund r JOIN orders o ON o.id = r.order_id WHERE o.number = '${number}'`) === 'refused charge_disputed';
	await until('refused', declined).finally(() => double('delivery', { mode: 'normal' }));
	assert.match((await staff.get(`/admin/orders/${number}`)).text, /charge_disputed/);
});

test('a held order is released with a reason, and applied', async () => {
	const visitor = await new Visitor('en').log_in('buyer@demo.example');
	const { session } = await visitor.to_stripe('rangement');
	const number = order_of(session);
	sql(`UPDATE orders SET subtotal = subtotal + 1 WHERE number = '${number}'`);
	await double('pay', { session, wait_ms: 5000 });
	await until('held', () => value(`SELECT review FROM orders WHERE number = '${number}'`) === 'amount_mismatch');
	assert.ok((await staff.get('/admin/orders')).text.includes(number));
	sql(`UPDATE orders SET subtotal = subtotal - 1 WHERE number = '${number}'`);
	const page = await staff.get(`/admin/orders/${number}`);
	const answer = await staff.forge(page, `/admin/orders/${number}/review`, { action: 'release', reason: 'looked at it' });
	assert.equal(notice(answer), 'order_released');
	await until('paid', () => state(number) === 'paid 0');
	assert.equal(rights(number), 'active');
	refused(await staff.forge(page, `/admin/orders/${number}/review`, { action: 'close', reason: 'again' }), 'This order is not held.');
});

test('a right is given without an order, once for a form', async () => {
	const page = await staff.get('/admin/grant?product=rangement');
	const benefit = /name="benefit" value="(\d+)"/.exec(page.text)[1];
	const before = value('SELECT COUNT(*) FROM entitlement');
	for (let i = 0; i < 2; i++) {
		const answer = await staff.submit(page, '/admin/grant\\?product=rangement', { benefit, email: 'hannah@demo.example', reason: 'a mistake of ours' });
		assert.equal(notice(answer), 'right_given');
	}
	assert.equal(Number(value('SELECT COUNT(*) FROM entitlement')), Number(before) + 1);
	assert.equal(value("SELECT a.detail FROM entitlement e JOIN audit a ON a.id = e.source_id WHERE e.source = 'manual' ORDER BY e.id DESC LIMIT 1"), 'a mistake of ours');
	assert.equal((await staff.submit(page, '/admin/grant\\?product=rangement', { benefit, email: 'nobody@demo.example', reason: 'a mistake' })).status, 422);
});

test('money asks for the password again after a while', async () => {
	const { number } = await bought('lanterne');
	const late = await new Visitor('en').log_in('staff@demo.example');
	sql("UPDATE session s JOIN account a ON a.id = s.account_id SET s.proved_at = UTC_TIMESTAMP() - INTERVAL 1 HOUR WHERE a.email = 'staff@demo.example'");
	const page = await late.get(`/admin/orders/${number}`);
	assert.ok(!page.text.includes(`/admin/orders/${number}/refund`));
	const answer = await late.forge(await late.get('/admin/health'), `/admin/orders/${number}/refund`, { kind: 'all', reason: 'hurry', key: 'AAAAAAAAAAAAAAAAAAAAAA' });
	assert.match(answer.location, /\/reauth\?next=/);
	assert.equal(state(number), 'paid 0');
});

test('health has its buttons, metrics its numbers', async () => {
	const page = await staff.get('/admin/health');
	assert.equal(page.status, 200);
	const ran = value('SELECT COALESCE(ran_at, 0) FROM reconcile');
	assert.equal(notice(await staff.submit(page, '/admin/health', { action: 'reconcile' })), 'reconcile_asked');
	await until('it ran', () => value('SELECT COALESCE(ran_at, 0) FROM reconcile') !== ran);
	const metrics = await staff.get('/metrics');
	assert.match(metrics.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
	assert.match(metrics.text, /^comptoir_broken\{promise="orders_lacking_rights"\} 0$/m);
	for (const line of metrics.text.split('\n').filter(Boolean))
		assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="\w+"\})? -?\d+)$/);
	assert.equal((await fetch(`${shop}/metrics`, { headers: { authorization: 'Bearer ' }, redirect: 'manual' })).status, 303);
});
