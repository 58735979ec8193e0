// What a person meets at a browser: the main road with and without JavaScript, detours, and every page judged in both languages.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, Person, open_browser } from './person.mjs';
import { Visitor, all_told, double, mail_to, mails, shop, sql, until, value } from './shop.mjs';

let browser;
before(async () => {
	sql('DELETE FROM throttle'); // whoever tried before us came from the same address
	browser = await open_browser();
});
after(() => browser?.close());

const unique = (name) => `${name}-${process.pid}-${Date.now()}@example.com`;
const PASSWORD = 'a long walk at night';
const CARD = { card_expiry: '12 / 34', card_cvc: '123', name: 'Jenny d’Été' };

// The newest mail to an address with such a link in it: the link.
const link_to = (address, path) => until(`a mail to ${address} with ${path}`, async () => {
	const texts = (await mails()).filter((mail) => mail.to.includes(address)).map((mail) => mail.text);
	return texts.map((text) => new RegExp(`${shop}${path}[^\\s<]+`).exec(text)?.[0]).find(Boolean);
});

async function register(person, email) {
	await person.fill({ name: 'Jenny d’Été', email, password: PASSWORD });
	await person.send('/register');
	await person.go(await link_to(email, '/verify/'));
	await Promise.all([person.page.waitForNavigation(), person.page.locator('main form button').click()]);
}

async function to_stripe(person) {
	await Promise.all([person.page.waitForURL(/\/c\/pay\//), person.page.locator('button[name="action"][value="pay"]').click()]);
}

async function pay(person, fields) {
	await person.fill({ ...CARD, ...fields });
	await Promise.all([person.page.waitForNavigation(), person.page.locator('button[value="pay"]').click()]);
}

async function download(person, button) {
	const [file] = await Promise.all([person.page.waitForEvent('download'), button.click()]);
	return createHash('sha256').update(readFileSync(await file.path())).digest('hex');
}

// A narrow no-break space is a space to us.
const heading = async (person) => (await person.page.locator('h1').innerText()).replace(/\s/g, ' ');

// From nobody to the holder of a file: all that the shop is there for.
async function main_road(how, words) {
	const person = await Person.come(browser, how);
	const email = unique(how.name);
	await person.go('/product/rangement');
	await person.page.locator('.price a.button').first().click();
	const checkout = person.page.url();
	await person.page.locator('a[href^="/register"]').first().click();
	await register(person, email);
	assert.equal(person.page.url(), checkout, 'back to what was to be bought');
	await person.go('/account');
	await person.send('/logout');
	await person.go(checkout);
	await person.page.locator('a[href^="/login"]:not(.site-nav a)').click();
	await person.fill({ email, password: PASSWORD });
	await person.send('/login');
	assert.equal(person.page.url(), checkout, 'back again after logging in');

	await to_stripe(person);
	await double('delivery', { mode: 'hold' });
	await pay(person, { card_number: '4242 4242 4242 4242' });
	await double('delivery', { mode: 'normal' });
	assert.equal(await heading(person), words.waiting);
	await double('release', { wait_ms: 5000 });
	await person.page.locator('a[href="/account/licenses"]').waitFor(); // the page looked again by itself
	assert.equal(await heading(person), words.paid);

	await person.page.locator('a[href="/account/licenses"]').click();
	const key = await person.page.locator('.key input').inputValue();
	assert.match(key, /^([0-9A-Z]{4}-){6}[0-9A-Z]{4}$/);
	if (how.script !== false) {
		await person.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: shop });
		await person.page.locator('.key button').click();
		await person.page.getByRole('button', { name: words.key }).filter({ hasText: words.copied }).waitFor();
		assert.equal(await person.page.evaluate(() => navigator.clipboard.readText()), key);
	}
	await person.go('/account/downloads');
	const sha256 = await download(person, person.page.locator('form[action="/account/downloads"] button').first());
	await person.page.locator('.sum summary').first().click();
	assert.equal(await person.page.locator('.sum code').first().innerText(), sha256, 'the file is what the page says it is');
	await person.page.reload();
	assert.equal(await person.page.locator('#history + .rows .row').count(), 1, 'and the page remembers it');
	await person.narrow('downloads');
	await person.picture('downloads');
	await person.leave();
}

test('from visitor to downloaded file, with JavaScript', () => main_road({ name: 'script' },
	{ waiting: 'Waiting for your payment to be confirmed', paid: 'Thank you!', key: /Licence key/, copied: 'Copied' }));

test('from visitor to downloaded file, without JavaScript, on a phone, in French', () => main_road(
	{ name: 'plain', script: false, language: 'fr', screen: PHONE, dark: true },
	{ waiting: 'Nous attendons la confirmation de votre paiement', paid: 'Merci !' }));

test('a declined card, then 3-D Secure refused, then confirmed', async () => {
	const person = await Person.come(browser, { name: 'cards' });
	await person.log_in('hannah@demo.example');
	await person.go('/product/quai-nord');
	await person.page.locator('.price a.button').first().click();
	await to_stripe(person);
	await pay(person, { card_number: '4000 0000 0000 0002' });
	assert.match(await person.page.getByRole('alert').innerText(), /declined/);
	await pay(person, { card_number: '4000 0000 0000 3220' });
	await Promise.all([person.page.waitForNavigation(), person.page.locator('button[value="fail"]').click()]);
	assert.match(person.page.url(), /\/c\/pay\//, 'refused: still at the cashier');
	await pay(person, { card_number: '4000 0000 0000 3220' });
	await Promise.all([person.page.waitForURL(/\/checkout\/return\//), person.page.locator('button[value="complete"]').click()]);
	await person.page.locator('.mark.good').waitFor();
	await person.leave();
});

test('a payment left at the cashier is told to have cost nothing, and can be taken up again', async () => {
	const person = await Person.come(browser, { name: 'left' });
	await person.log_in('hannah@demo.example');
	await person.go('/product/stripe-payouts-ledger');
	await person.page.locator('.price a.button').first().click();
	await to_stripe(person);
	await Promise.all([person.page.waitForURL(/\/account\/orders\//), person.page.locator('a.back').click()]);
	assert.match(await person.page.locator('.notice').first().innerText(), /nothing was charged/i);
	await Promise.all([person.page.waitForURL(/\/c\/pay\//), person.page.locator('form[action^="/checkout/again/"] button').click()]);
	await person.leave();
});

test('a bank debit is on its way for days, then arrives', async () => {
	const person = await Person.come(browser, { name: 'bank', language: 'fr' });
	await person.log_in('buyer@demo.example');
	await person.go('/product/vendre-sans-crier');
	await person.page.locator('.price a.button').first().click();
	await to_stripe(person);
	const session = /cs_test_\w+/.exec(person.page.url())[0];
	await person.page.locator('[name="method"][value="sepa_debit"]').check();
	await person.fill({ iban: 'AT61 1904 3002 3457 3201', name: 'Camille Roussel' });
	await Promise.all([person.page.waitForURL(/\/checkout\/return\//), person.page.locator('button[value="pay"]').click()]);
	await person.page.getByRole('heading', { name: 'Votre paiement bancaire est en route' }).waitFor();
	await double('settle', { session, outcome: 'succeeded' });
	await until('it has arrived', () => value(`SELECT paid_at IS NOT NULL FROM orders WHERE stripe_session = '${session}'`) === '1');
	await person.page.reload();
	assert.equal(await heading(person), 'Merci !');
	await person.leave();
});

test('a forgotten password: a link once, the old one gone', async () => {
	const email = unique('forgot');
	const person = await Person.come(browser, { name: 'forgot' });
	await person.go('/register');
	await register(person, email);
	await person.go('/account');
	await person.send('/logout');
	await person.go('/forgot');
	await person.fill({ email });
	await person.send('/forgot');
	const link = await link_to(email, '/reset/');
	await person.go(link);
	await person.fill({ password: 'another long walk', password_again: 'another long walk' });
	await person.send(new URL(link).pathname);
	assert.match(await person.page.locator('.notice').innerText(), /new password is saved/i);
	await person.fill({ email, password: PASSWORD });
	await person.send('/login');
	assert.equal(await person.page.getByRole('alert').count(), 1, 'the old password is refused');
	await person.fill({ email, password: 'another long walk' });
	await person.send('/login');
	assert.match(person.page.url(), /\/account$/);
	assert.equal((await person.go(link)).status(), 410, 'the link is used up');
	await mail_to(email, /password has changed|password was changed/i);
	await person.leave();
});

test('the language is switched where one stands, and stays', async () => {
	const person = await Person.come(browser, { name: 'language' });
	await person.go('/product/nuit-bleue');
	await person.page.locator('.site-nav .language').click();
	assert.equal(await person.page.evaluate(() => document.documentElement.lang), 'fr');
	assert.match(person.page.url(), /\/product\/nuit-bleue/);
	for (const path of ['/', '/login', '/nowhere', '/verify/none', '/account']) {
		await person.go(path);
		assert.equal(await person.page.evaluate(() => document.documentElement.lang), 'fr', path);
	}
	await person.go('/nowhere?lang=en');
	assert.equal(await heading(person), 'There is nothing here');
	await person.leave();
});

test('a session ended elsewhere leads to the log-in and back', async () => {
	const home = await Person.come(browser, { name: 'home' }), cafe = await Person.come(browser, { name: 'cafe' });
	const email = unique('two-places');
	await home.go('/register');
	await register(home, email);
	await cafe.log_in(email, PASSWORD);
	await home.go('/account/settings');
	assert.equal(await home.page.locator('#sessions .row').count(), 2);
	await Promise.all([home.page.waitForNavigation(), home.page.locator('#sessions .row button').click()]);
	assert.equal(await home.page.locator('#sessions .row').count(), 1);
	await cafe.page.locator('a[href="/account/orders"]').first().click();
	assert.match(cafe.page.url(), /\/login\?next=%2Faccount%2Forders$/);
	await cafe.fill({ email, password: PASSWORD });
	await cafe.send('/login');
	assert.match(cafe.page.url(), /\/account\/orders$/);
	await home.leave();
	await cafe.leave();
});

// One order of each kind, of one buyer.
async function orders_of_every_kind() {
	const buyer = await new Visitor('en').log_in('buyer@demo.example');
	const made = {};
	const order = async (kind, slug, what) => {
		const { session } = await buyer.to_stripe(slug);
		await what?.(session);
		made[kind] = value(`SELECT number FROM orders WHERE stripe_session = '${session}'`);
	};
	const pay_at_once = (session, more) => double('pay', { session, wait_ms: 5000, ...more });
	await order('paid', 'lanterne', pay_at_once);
	await order('delayed', 'contraste', (session) => pay_at_once(session, { iban: 'AT611904300234573201' }));
	await order('failed', 'levain-petite-cuisine', async (session) => {
		await pay_at_once(session, { iban: 'AT861904300235473202' });
		await double('settle', { session, outcome: 'failed' });
	});
	await order('expired', 'quai-nord', (session) => double('expire', { session }));
	await order('review', 'relances-en-douceur');
	await order('waiting', 'l-ete-a-5-euros');
	for (const [kind, state] of Object.entries({ paid: 'paid', delayed: 'pending', failed: 'failed', expired: 'expired' }))
		await until(`the order is ${kind}`, () => value(`SELECT COUNT(*) FROM orders WHERE number = '${made[kind]}' AND state = '${state}' AND settles_later >= ${kind === 'delayed'}`) === '1');
	await all_told();
	sql(`UPDATE orders SET review = 'amount_mismatch' WHERE number = '${made.review}'`);
	return made;
}

const price_of = (slug, nth = 0) => sql(`SELECT p.public_id FROM price p JOIN product d ON d.id = p.product_id
	WHERE d.slug = '${slug}' AND p.active ORDER BY p.position, p.id LIMIT ${nth}, 1`)[0][0];

async function judge_all(person, pages) {
	for (const [name, path, status = 200] of pages) {
		const answer = await person.go(path);
		assert.equal(answer.status(), status, `${name}: ${path}`);
		await person.judge(name);
	}
}

async function judge_as_visitor(person) {
	await judge_all(person, [['catalogue', '/'], ['category', '/category/beats'], ['product', '/product/nuit-bleue'], ['product-free', '/product/poudre-et-craie'],
		['product-long', '/product/guide-independant-devis-factures'], ['product-table', '/product/studio-pro'], ['checkout-visitor', `/checkout/${price_of('nuit-bleue')}`],
		['login', '/login'], ['register', '/register'], ['forgot', '/forgot'], ['sent-verify', '/sent/verify'], ['sent-reset', '/sent/reset'],
		['verify-gone', '/verify/none', 410], ['reset-gone', '/reset/none', 410], ['email-gone', '/email/none', 410], ['nothing', '/nowhere', 404]]);
	await person.go('/register');
	await person.unchecked();
	await person.fill({ email: 'nonsense', password: 'short' });
	await person.send('/register');
	await person.judge('register-faults');
	await person.go('/login');
	await person.fill({ email: 'nobody@example.com', password: 'wrong' });
	await person.send('/login');
	await person.judge('login-wrong');
}

async function judge_as_member(person, orders) {
	await person.log_in('buyer@demo.example');
	await person.go(`/?lang=${person.language}`);
	await judge_all(person, [['owned', '/product/nuit-bleue'], ['checkout', `/checkout/${price_of('quai-nord', 1)}`], ['checkout-again', `/checkout/${price_of('kintsugi')}`],
		['checkout-free-owned', `/checkout/${price_of('poudre-et-craie')}`], ['home', '/account'], ['products', '/account/products'], ['licenses', '/account/licenses'],
		['downloads', '/account/downloads?created=2&skipped=9&orders=7'], ['orders', '/account/orders'], ['settings', '/account/settings'], ['password', '/password'],
		['download-gone', '/download/none', 404], ...Object.entries(orders).map(([kind, number]) => [`return-${kind}`, `/checkout/return/${number}`]),
		...Object.entries(orders).map(([kind, number]) => [`order-${kind}`, `/account/orders/${number}`])]);
	const checkout = `/checkout/${price_of('rangement')}`;
	await person.go(checkout);
	await person.unchecked();
	await person.fill({ quantity: '11' });
	await person.send(checkout, '[value="pay"]');
	assert.equal(person.document.status(), 422);
	await person.judge('checkout-fault');
	await person.go('/account/settings');
	await person.unchecked();
	await person.fill({ name: '' });
	await person.send('/account/settings');
	await person.judge('settings-fault');
	await person.fill({ name: 'Camille Roussel' });
	await person.page.evaluate(() => { for (const field of document.getElementsByName('csrf')) field.value = 'x'; });
	await person.send('/account/settings');
	assert.equal(person.document.status(), 403);
	await person.judge('forbidden');
}

async function judge_as_newcomer(person) {
	await person.go('/register');
	await person.fill({ name: 'Wilhelmina-Alexandrine de la Rochefoucauld-Montmorency', email: unique(`new-${person.language}`), password: PASSWORD });
	const email = await person.page.locator('[name="email"]').inputValue();
	await person.send('/register');
	await person.go(await link_to(email, '/verify/'));
	await person.judge('verify');
	await Promise.all([person.page.waitForNavigation(), person.page.locator('main form button').click()]);
	await person.judge('home-new');
	await judge_all(person, ['products', 'licenses', 'downloads', 'orders'].map((name) => [`${name}-new`, `/account/${name}`]));
	sql(`UPDATE session SET proved_at = '2020-01-01' WHERE account_id = (SELECT id FROM account WHERE email = '${email}')`);
	await judge_all(person, [['reauth', '/reauth'], ['settings-new', '/account/settings']]);
}

test('every page, in both languages: accessible, well formed, worded, no wider than a phone', { timeout: 300000 }, async () => {
	const orders = await orders_of_every_kind();
	await Promise.all(['en', 'fr'].map(async (language) => {
		for (const walk of [judge_as_visitor, judge_as_member, judge_as_newcomer]) {
			const person = await Person.come(browser, { name: language, language, screen: DESKTOP, still: true });
			await walk(person, orders);
			await person.leave();
		}
	}));
});

test('with Stripe away and after too many tries the pages stay calm', async () => {
	const person = await Person.come(browser, { name: 'calm' });
	await person.log_in('hannah@demo.example');
	const checkout = `/checkout/${price_of('kintsugi')}`;
	await person.go(checkout);
	await double('outage', { mode: '500' });
	await person.send(checkout, '[value="pay"]');
	await double('outage', { mode: 'off' });
	assert.equal(person.document.status(), 503);
	await person.judge('stripe-away');
	await person.go('/account');
	await person.send('/logout');
	const email = unique('guesser');
	const guesser = new Visitor('en');
	for (let i = 0; i < 10; i++)
		await guesser.submit(await guesser.get('/login'), '/login', { email, password: 'guess' });
	await person.go('/login');
	await person.fill({ email, password: 'guess' });
	await person.send('/login');
	assert.equal(person.document.status(), 429);
	await person.judge('too-many');
	await person.leave();
});
