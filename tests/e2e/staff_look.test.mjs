// The staff zone as a person sees it: both languages, phone and desk, dark and light; nothing a picky reader would notice.
import { after, before, test } from 'node:test';
import { Person, open_browser } from './person.mjs';
import { value } from './shop.mjs';

let browser;
before(async () => { browser = await open_browser(); });
after(() => browser.close());

for (const language of ['en', 'fr'])
	test(`every page of the staff zone, in ${language}`, { timeout: 120_000 }, async () => {
		const person = await (await Person.come(browser, { language, name: `staff-${language}` })).log_in('staff@demo.example');
		await person.go(`/?lang=${language}`);
		const order = value("SELECT number FROM orders WHERE paid_at IS NOT NULL AND total > 0 ORDER BY id DESC LIMIT 1");
		const dispute = value('SELECT public_id FROM dispute ORDER BY id DESC LIMIT 1');
		const pages = { home: '/admin', orders: '/admin/orders', order: `/admin/orders/${order}`, health: '/admin/health', grant: '/admin/grant?product=rangement',
			disputes: '/admin/disputes', ...(dispute ? { dispute: `/admin/disputes/${dispute}` } : {}) };
		for (const [name, path] of Object.entries(pages)) {
			await person.go(path);
			await person.judge(name);
		}
		await person.leave();
	});
