// The main road, without JavaScript: a visitor becomes a customer, pays, and holds the right file.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Visitor, all_told, broken_promises, double, mail_to, mails, quiet, shop, sql, stripe, until, value } from './shop.mjs';

const link_in = (text, path) => new RegExp(`${shop}(${path}[^\\s<]*)`).exec(text)?.[1];

async function register(visitor, email, next) {
	const form = await visitor.get(`/register?next=${encodeURIComponent(next)}`);
	const sent = await visitor.follow(await visitor.submit(form, '/register', { email, name: 'Jenny d’Été', password: 'a long walk at night', terms: '1' }));
	assert.equal(sent.status, 200);
	const mail = await mail_to(email, /./);
	const page = await visitor.get(link_in(mail.text, '/verify/'));
	assert.equal(page.status, 200);
	assert.equal(value(`SELECT verified_at IS NULL FROM account WHERE email = '${email}'`), '1', 'looking at a link proves nothing');
	return visitor.submit(page, '/verify/.*', {});
}

const paid_return = (visitor, path) => until('the return page says paid', async () => {
	const page = await visitor.get(path);
	return !page.headers.get('refresh') && page.text.includes('/account/downloads') && page;
});

test('a visitor buys a beat and downloads it', async () => {
	const visitor = new Visitor('en');
	const product = await visitor.get('/product/nuit-bleue');
	assert.equal(product.status, 200);
	const checkout = /href="(\/checkout\/[0-9A-Za-z]{22})"/.exec(product.text)[1];
	assert.match((await visitor.get(checkout)).text, /\/register\?next=%2Fcheckout%2F/);
	const verified = await register(visitor, `jenny-${Date.now()}@example.com`, checkout);
	assert.equal(verified.status, 303);
	assert.ok(verified.location.includes(checkout), 'the way back to what was to be bought');

	const going = await visitor.submit(await visitor.get(checkout), checkout, { quantity: '1', action: 'pay' });
	assert.equal(going.status, 303);
	const page = await visitor.get(going.location);
	assert.ok(going.location.startsWith(stripe));
	const payment = await visitor.submit(page, '', { action: 'pay', method: 'card', card_number: '4242 4242 4242 4242', card_expiry: '12 / 30', card_cvc: '123', name: 'Jenny' });
	assert.equal(payment.status, 303, 'the test card pays');
	const back = new URL(payment.location);
	const thanks = await paid_return(visitor, back.pathname + back.search);
	assert.match(thanks.text, /\/account\/downloads/);

	const licenses = await visitor.get('/account/licenses');
	assert.match(licenses.text, /value="([0-9A-Z]{4}-){6}[0-9A-Z]{4}"/);
	const downloads = await visitor.get('/account/downloads');
	const link = await visitor.submit(downloads, '/account/downloads');
	assert.equal(link.status, 303);
	const file = await visitor.follow(link);
	assert.equal(file.status, 200);
	const sha256 = createHash('sha256').update(file.bytes).digest('hex');
	const [[known]] = sql(`SELECT LOWER(HEX(f.sha256)) FROM product_file f WHERE f.sha256 = UNHEX('${sha256}')`);
	assert.equal(known, sha256);
	assert.match((await visitor.get('/account/downloads')).text, new RegExp(sha256));
	const part = await visitor.get(new URL(link.location, shop).href, { headers: { range: 'bytes=10-19' } });
	assert.equal(part.status, 206);
	assert.deepEqual(part.bytes, file.bytes.subarray(10, 20));
	assert.equal(broken_promises(), 0);
});

test('the receipt comes once and leads to the portal, never to a file', async () => {
	const visitor = await new Visitor('fr').log_in('buyer@demo.example');
	const { session } = await visitor.to_stripe('plain-text-calmly');
	await double('delivery', { mode: 'normal', duplicate: 3, shuffle: true });
	await double('pay', { session, wait_ms: 5000 });
	await all_told();
	await double('delivery', { mode: 'normal' });
	const number = value(`SELECT number FROM orders WHERE stripe_session = '${session}'`);
	await until('the receipt', () => value(`SELECT COUNT(*) FROM mail WHERE unique_key = 'receipt:${number}' AND state = 'sent'`) === '1');
	await quiet();
	const mine = (await mails()).filter((one) => one.text.includes(number));
	assert.equal(mine.length, 1);
	assert.ok(mine[0].text.includes(`${shop}/account/orders/${number}`));
	assert.doesNotMatch(mine[0].text, /\/download\//);
});

test('a declined card leaves the order open, 3-D Secure asks, SEPA settles later', async () => {
	const visitor = await new Visitor('en').log_in('buyer@demo.example');
	const first = await visitor.to_stripe('vendre-sans-crier');
	assert.ok((await double('pay', { session: first.session, card: '4000000000000002' })).declined);
	const number = value(`SELECT number FROM orders WHERE stripe_session = '${first.session}'`);
	const order = await visitor.get(`/account/orders/${number}`);
	const again = await visitor.submit(order, `/checkout/again/${number}`);
	assert.equal(again.status, 303);
	assert.ok(again.location.includes(first.session), 'the open session is used again');
	await double('pay', { session: first.session, iban: 'AT611904300234573201', wait_ms: 5000 });
	await until('the order waits for the bank', () => value(`SELECT settles_later FROM orders WHERE number = '${number}'`) === '1');
	const waiting = await visitor.get(`/checkout/return/${number}`);
	assert.equal(waiting.headers.get('refresh'), null);
	await double('settle', { session: first.session, outcome: 'succeeded' });
	await paid_return(visitor, `/checkout/return/${number}`);
});

test('a bank that refuses later closes the order and the buyer is told', async () => {
	const visitor = await new Visitor('en').log_in('hannah@demo.example');
	const { session } = await visitor.to_stripe('levain-petite-cuisine');
	await double('pay', { session, iban: 'AT861904300235473202', wait_ms: 5000 });
	await double('settle', { session, outcome: 'failed' });
	const number = value(`SELECT number FROM orders WHERE stripe_session = '${session}'`);
	await until('the order failed', () => value(`SELECT state FROM orders WHERE number = '${number}'`) === 'failed');
	await until('the mail', async () => (await mails()).some((mail) => mail.text.includes(number)));
	const page = await visitor.get(`/checkout/return/${number}`);
	assert.match(page.text, /\/checkout\/[0-9A-Za-z]{22}"/);
});

test('pressing twice is one order, one payment page', async () => {
	const visitor = await new Visitor('en').log_in('hannah@demo.example');
	const product = await visitor.get('/product/contraste');
	const href = /href="(\/checkout\/[0-9A-Za-z]{22})"/.exec(product.text)[1];
	for (let round = 0; round < 5; round++) {
		const page = await visitor.get(href);
		const answers = await Promise.all(Array.from({ length: 12 }, () => visitor.submit(page, href, { quantity: '1', action: 'pay' })));
		assert.equal(new Set(answers.map((answer) => answer.location)).size, 1);
		const key = /name="request_key" value="(\w{22})"/.exec(page.text)[1];
		assert.deepEqual(sql(`SELECT COUNT(*), SUM(checkout_tries) FROM orders WHERE request_key = '${key}'`), [['1', '1']]);
	}
});
