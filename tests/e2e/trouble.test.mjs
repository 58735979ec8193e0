// What goes wrong around the shop: a lost webhook, Stripe away, the database away. Nothing is lost, nothing is twice.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Visitor, all_told, broken_promises, double, quiet, shop, sql, until, value } from './shop.mjs';

const rights_of = (number) => Number(value(`SELECT COUNT(*) FROM entitlement WHERE order_number = '${number}' AND state = 'active'`));

test('a webhook that never comes is made up for by asking Stripe', async () => {
	const visitor = await new Visitor('en').log_in('buyer@demo.example');
	const { session } = await visitor.to_stripe('rangement');
	const number = value(`SELECT number FROM orders WHERE stripe_session = '${session}'`);
	await double('delivery', { mode: 'drop' });
	await double('pay', { session });
	const page = await visitor.get(`/checkout/return/${number}`);
	assert.equal(page.headers.get('refresh'), '2', 'the page says it waits, and looks again');
	await until('the order check paid it', () => rights_of(number) > 0);
	await double('delivery', { mode: 'normal' });
	const all = (await double('events', { type: 'checkout.session.completed', limit: 1 })).events;
	await double('resend', { event: all[0].id, wait_ms: 5000 });
	await all_told();
	assert.equal(value(`SELECT COUNT(*) FROM event WHERE topic = 'order.paid' AND subject_id = (SELECT id FROM orders WHERE number = '${number}')`), '1');
	assert.equal(broken_promises(), 0);
});

test('with Stripe away the order stays and pressing again is safe', async () => {
	const visitor = await new Visitor('en').log_in('buyer@demo.example');
	await double('outage', { mode: '500' });
	const down = await visitor.to_stripe('lanterne');
	await double('outage', { mode: 'off' });
	assert.equal(down.answer.status, 503);
	assert.ok(down.answer.headers.get('retry-after'));
	const before = value('SELECT COUNT(*) FROM orders');
	const again = await visitor.submit(down.answer, down.href, { quantity: '1', action: 'pay' });
	assert.equal(again.status, 303);
	assert.equal(value('SELECT COUNT(*) FROM orders'), before, 'the same order');
});

test('a Stripe that hangs: presses end in our own page, other pages go on meanwhile, pressing again pays', async () => {
	const visitor = await new Visitor('en').log_in('buyer@demo.example');
	await visitor.get('/?lang=en');
	const href = /href="(\/checkout\/[0-9A-Za-z]{22})"/.exec((await visitor.get('/product/lanterne')).text)[1];
	const pages = await Promise.all([1, 2, 3, 4].map(() => visitor.get(href)));
	const keys = pages.map((page) => `'${/name="request_key" value="(\w{22})"/.exec(page.text)[1]}'`);
	await quiet(); // the worker would wait for Stripe too, and then let it rest
	await double('outage', { mode: 'timeout', path: '/v1/checkout/sessions' });
	let ended = 0, slowest = 0;
	const presses = pages.map((page) => visitor.submit(page, href, { quantity: '1', action: 'pay' }).finally(() => { ended++; }));
	try {
		await until('every press made its order', () => value(`SELECT COUNT(*) FROM orders WHERE request_key IN (${keys})`) === '4');
		while (ended < 4) {
			const before = Date.now();
			const page = await visitor.get(`/?after=${before}`); // logged in: no cache answers in the shop's place
			assert.ok(page.status < 500, `the catalogue answered ${page.status}`);
			slowest = Math.max(slowest, Date.now() - before);
		}
	} finally {
		await Promise.allSettled(presses);
		await double('outage', { mode: 'off' });
	}
	assert.ok(slowest < 2000, `the catalogue took ${slowest} ms`);
	for (const page of await Promise.all(presses)) {
		assert.equal(page.status, 503);
		assert.match(page.text, /The payment page cannot be reached right now\./);
	}
	const paid = await visitor.submit(await presses[0], href, { quantity: '1', action: 'pay' });
	const session = /cs_test_\w+/.exec(paid.location ?? '')?.[0];
	assert.ok(session, `pressing again: ${paid.status} ${paid.location}`);
	await double('pay', { session });
	await until('it is paid', () => value(`SELECT state FROM orders WHERE stripe_session = '${session}' AND request_key = ${keys[0]}`) === 'paid');
});

test('a fault that Stripe keeps under our key does not keep the order from its payment page', async () => {
	const visitor = await new Visitor('en').log_in('buyer@demo.example');
	await double('outage', { mode: '500-stored', count: 1, path: '/v1/checkout/sessions' });
	const { answer, session } = await visitor.to_stripe('lanterne');
	await double('outage', { mode: 'off' });
	assert.equal(answer.status, 303);
	assert.deepEqual(sql(`SELECT checkout_tries FROM orders WHERE stripe_session = '${session}'`), [['2']]);
});

test('the database away: a calm page, then everything works again', async () => {
	const visitor = await new Visitor('en').log_in('buyer@demo.example');
	const run = process.env.RUN ?? 'run';
	execFileSync('sh', ['tests/database.sh', 'stop'], { env: { ...process.env, RUN: run } });
	try {
		const page = await visitor.get('/account/orders');
		assert.equal(page.status, 503);
		assert.ok(page.headers.get('retry-after'));
		assert.match(page.text, /<h1>/);
		const webhook = await fetch(`${shop}/webhooks/stripe`, { method: 'POST', body: '{}' });
		assert.equal(webhook.status, 400, 'what is not signed is refused without a database');
	} finally {
		execFileSync('sh', ['tests/database.sh', 'start'], { env: { ...process.env, RUN: run } });
	}
	await until('the page is back', async () => (await visitor.get('/account/orders')).status === 200);
});

test('hostile requests are answered plainly and change nothing', async () => {
	// What tests before this one began goes on: Stripe sends again what it could not deliver while the database was away.
	// What it dropped is asked for now: the worker would do so in the midst of it.
	await all_told();
	execFileSync('bin/comptoir', ['reconcile'], { stdio: 'ignore', env: { ...process.env, COMPTOIR_CONF: `${process.env.RUN ?? 'run'}/conf/comptoir.conf` } });
	await quiet();
	const sum = () => JSON.stringify([sql('CHECKSUM TABLE account, orders, entitlement, license, price, product'), value('SELECT COUNT(*) FROM stripe_event')]);
	const before = sum();
	const visitor = new Visitor('en');
	for (const [path, status] of [['/nowhere', 404], ['/product/%2e%2e%2fetc', 404], ['/%00', 400], ['/product/%ff', 400],
		['/product/a%2500', 400], ['/account/orders/AAAA-BBBB-CCCC', 303], ['/files/x', 404], ['/files/../conf', 404], ['/media/none.webp', 404],
		['/static/x/none.css', 404], ['/checkout/', 404], ['/?after=%27%22--', 200], ['/?lang=de', 200]]) {
		const page = await visitor.get(path);
		assert.ok(page.status === status || (status >= 400 && page.status >= 400 && page.status < 500), `${path}: ${page.status}`);
	}
	const foreign = await visitor.ask('/login', { method: 'POST', body: new URLSearchParams({ email: 'a@b.c', password: 'x' }), headers: { origin: 'https://evil.example' } });
	assert.equal(foreign.status, 403);
	const large = await visitor.ask('/webhooks/stripe', { method: 'POST', body: 'x'.repeat(1100000) });
	assert.equal(large.status, 413);
	assert.equal(sum(), before);
});

test('other people’s things are not found', async () => {
	const hannah = await new Visitor('en').log_in('hannah@demo.example');
	const [[number]] = sql("SELECT o.number FROM orders o JOIN account a ON a.id = o.account_id WHERE a.email = 'buyer@demo.example' LIMIT 1");
	const [[right, file]] = sql(`SELECT e.public_id, f.public_id FROM entitlement e JOIN account a ON a.id = e.account_id
		JOIN product_file f ON f.product_id = e.product_id WHERE a.email = 'buyer@demo.example' AND e.kind = 'download' LIMIT 1`);
	assert.equal((await hannah.get(`/account/orders/${number}`)).status, 404);
	assert.equal((await hannah.get(`/checkout/return/${number}`)).status, 404);
	const page = await hannah.get('/account/downloads');
	const taken = await hannah.forge(page, '/account/downloads', { entitlement: right, file });
	assert.equal(taken.status, 404);
});
