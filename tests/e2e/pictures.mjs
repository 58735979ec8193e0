// The README's pictures, of a running demo shop: node tests/e2e/pictures.mjs (PORT, RUN as for the tests). They go to docs/pictures/.
import { mkdirSync } from 'node:fs';
import { DESKTOP, PHONE, Person, open_browser } from './person.mjs';
import { shop } from './shop.mjs';

const folder = 'docs/pictures';
const pictures = [
	{ name: 'catalogue', path: '/', screen: { width: 1200, height: 900 } },
	{ name: 'product', path: '/product/nuit-bleue', screen: { width: 1200, height: 1000 } },
	{ name: 'licenses', path: '/account/licenses', as: 'buyer@demo.example', screen: { width: 1200, height: 900 } },
	{ name: 'downloads', path: '/account/downloads', as: 'buyer@demo.example', screen: { width: 1200, height: 1000 } },
	{ name: 'dark', path: '/product/kintsugi', screen: { width: 390, height: 1000 }, dark: true },
	{ name: 'french', path: '/account', as: 'buyer@demo.example', language: 'fr', screen: { width: 390, height: 1000 } },
];

mkdirSync(folder, { recursive: true });
const browser = await open_browser();
for (const picture of pictures) {
	const person = await Person.come(browser, { language: picture.language ?? 'en', dark: picture.dark ?? false, screen: picture.screen ?? (picture.phone ? PHONE : DESKTOP) });
	if (picture.as) {
		await person.page.goto(`${shop}/login`);
		await person.page.fill('input[name=email]', picture.as);
		await person.page.fill('input[name=password]', 'comptoir-demo');
		await person.page.locator('main form button[type=submit]').first().click();
		await person.page.waitForURL(/\/account/);
	}
	await person.page.goto(`${shop}${picture.path}?lang=${picture.language ?? 'en'}`);
	await person.page.waitForLoadState('networkidle');
	await person.page.screenshot({ path: `${folder}/${picture.name}.png` });
	await person.context.close();
}
await browser.close();
