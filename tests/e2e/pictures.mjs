// Pictures for the README, of a shop with the demo in it: PORT=8080 node tests/e2e/pictures.mjs
// Chromium writes them as WebP: sharp at twice the size, and small.
import { mkdirSync, writeFileSync } from 'node:fs';
import { DESKTOP, PHONE, Person, open_browser } from './person.mjs';
import { sql } from './shop.mjs';

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
const number = sql("SELECT o.number FROM orders o JOIN account a ON a.id = o.account_id JOIN order_line l ON l.order_id = o.id WHERE a.email = 'buyer@demo.example' AND o.state = 'paid' AND l.title LIKE 'Rangement%' ORDER BY o.id LIMIT 1")[0][0];
const price = sql("SELECT p.public_id FROM price p JOIN product d ON d.id = p.product_id WHERE d.slug = 'contraste' AND p.active ORDER BY p.position LIMIT 1")[0][0];

const visitor = await come({ screen: DESKTOP });
await visitor.go('/');
await take(visitor, 'catalogue');
await visitor.go('/product/rangement');
await take(visitor, 'product');
const french = await come({ screen: DESKTOP, language: 'fr' });
await french.go('/product/guide-independant-devis-factures');
await take(french, 'french');
const buyer = await come({ screen: DESKTOP });
await buyer.log_in('buyer@demo.example');
for (const [name, path] of [['checkout', `/checkout/${price}?lang=en`], ['licenses', '/account/licenses'], ['downloads', '/account/downloads'], ['order', `/account/orders/${number}`]]) {
	await buyer.go(path);
	await take(buyer, name);
}
const phone = await come({ screen: PHONE, dark: true, scale: 2 });
await phone.go('/');
await take(phone, 'phone-dark');
await browser.close();
