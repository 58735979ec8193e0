// Pictures for the README, of a shop with the demo in it: PORT=8080 node tests/e2e/pictures.mjs (Hannah buys a few things for it)
// Chromium writes them as WebP: sharp at twice the size, and small.
import { mkdirSync, writeFileSync } from 'node:fs';
import { DESKTOP, PHONE, Person, open_browser } from './person.mjs';
import { Visitor, double, sql, value } from './shop.mjs';

const FOLDER = 'docs/pictures', LIMIT = 120 * 1024;
mkdirSync(FOLDER, { recursive: true });

async function take(person, name) {
	await person.page.evaluate(() => Promise.all([...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight).map((image) => image.decode())));
	const devtools = await person.context.newCDPSession(person.page);
	for (let quality = 84; quality > 30; quality -= 8) {
		const bytes = Buffer.from((await devtools.send('Page.captureScreenshot', { format: 'webp', quality })).data, 'base64');
		if (bytes.length > LIMIT)
			continue;
		writeFileSync(`${FOLDER}/${name}.webp`, bytes);
		console.log(`${name}.webp ${Math.round(bytes.length / 1024)} KB`);
		return;
	}
	throw new Error(`${name} does not fit`);
}

const browser = await open_browser();
const come = (how) => Person.come(browser, { scale: 1.5, ...how });
const hannah = await new Visitor('en').log_in('hannah@demo.example');
let number;
for (const [slug, nth] of [['nuit-bleue', 1], ['contraste', 0], ['rangement', 1]]) {
	const { session } = await hannah.to_stripe(slug, nth);
	await double('pay', { session, wait_ms: 5000 });
	number = value(`SELECT number FROM orders WHERE stripe_session = '${session}'`);
}
const names = [...(await hannah.get('/product/studio-pro')).text.matchAll(/href="\/checkout\/[0-9A-Za-z]{22}"[^>]*>([\s\S]*?)<\/a>/g)].map(([, text]) => text);
const plan = names.findIndex((text) => text.includes('Monthly'));
if (plan >= 0) {
	const { session } = await hannah.to_stripe('studio-pro', plan);
	await double('pay', { session, wait_ms: 5000 });
}
const subscription = value("SELECT s.public_id FROM subscription s JOIN account a ON a.id = s.account_id WHERE a.email = 'hannah@demo.example' ORDER BY s.id DESC LIMIT 1");
const invoice = value(`SELECT i.number FROM invoice i JOIN orders o ON o.id = i.order_id WHERE o.number = '${number}'`);
const price = sql("SELECT p.public_id FROM price p JOIN product d ON d.id = p.product_id WHERE d.slug = 'lanterne' AND p.active ORDER BY p.position LIMIT 1, 1")[0][0];

const visitor = await come({ screen: DESKTOP });
await visitor.go('/');
await take(visitor, 'catalogue');
await visitor.go('/product/rangement');
await take(visitor, 'product');
const french = await come({ screen: DESKTOP, language: 'fr' });
await french.go('/category/ebooks');
await take(french, 'french');
const buyer = await come({ screen: DESKTOP });
await buyer.log_in('hannah@demo.example');
for (const [name, path] of [['checkout', `/checkout/${price}?lang=en`], ['licenses', '/account/licenses'], ['downloads', '/account/downloads'], ['order', `/account/orders/${number}`],
	['subscription', `/account/subscriptions/${subscription}`], ['tokens', '/account/tokens'], ['invoice', `/account/invoices/${invoice}`]]) {
	await buyer.go(path);
	await take(buyer, name);
}
const staff = await come({ screen: DESKTOP });
await staff.log_in('staff@demo.example');
for (const [name, path] of [['refund', `/admin/orders/${number}`]]) {
	await staff.go(path);
	await take(staff, name);
}
const phone = await come({ screen: PHONE, dark: true, scale: 2 });
await phone.go('/');
await take(phone, 'phone-dark');
await browser.close();
