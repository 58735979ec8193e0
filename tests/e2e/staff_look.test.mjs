// The staff zone as a person sees it: both languages, phone and desk, dark and light; nothing a picky reader would notice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person, open_browser } from './person.mjs';
import { value } from './shop.mjs';

// Each form of an order, and the grant, as a browser that checks nothing sends it: refused, with what was typed in place.
class Clerk extends Person {
	async again(name, path, fill, form) {
		await this.go(path);
		await this.unchecked();
		await fill();
		await this.send(form);
		assert.equal(this.document.status(), 422, name);
		await this.judge(name);
	}

	async refused() {
		const number = value("SELECT number FROM orders WHERE state = 'paid' AND total > 0 AND review = '' AND stripe_payment IS NOT NULL ORDER BY id DESC LIMIT 1");
		const path = `/admin/orders/${number}`, field = (name) => this.page.locator(`[name="${name}"]`);
		await this.again('order-amount', path, async () => {
			await this.page.locator('[name="kind"][value="amount"]').check();
			await field('amount').fill('99999,99');
			await this.page.locator('#refund-reason').fill('x');
		}, `${path}/refund`);
		assert.equal(await field('amount').inputValue(), '99999,99');
		assert.equal(await this.page.locator('#refund-reason').inputValue(), 'x');
		await this.page.locator('a.language').click();
		assert.equal(this.document.status(), 200, 'the links of a refused page lead to pages');
		await this.go(`/?lang=${this.language}`);
		await this.again('order-lines', path, () => this.page.locator('[name="kind"][value="lines"]').check(), `${path}/refund`);
		await this.again('grant-refused', '/admin/grant?product=rangement', async () => {
			await field('benefit').first().check();
			await field('email').fill('nobody@demo.example');
		}, '/admin/grant?product=rangement');
		assert.equal(await field('benefit').first().isChecked(), true);
	}
}

let browser;
before(async () => { browser = await open_browser(); });
after(() => browser.close());

for (const language of ['en', 'fr'])
	test(`every page of the staff zone, in ${language}`, { timeout: 120_000 }, async () => {
		const person = await (await Clerk.come(browser, { language, name: `staff-${language}` })).log_in('staff@demo.example');
		await person.go(`/?lang=${language}`);
		const order = value("SELECT number FROM orders WHERE paid_at IS NOT NULL AND total > 0 ORDER BY id DESC LIMIT 1");
		const dispute = value('SELECT public_id FROM dispute ORDER BY id DESC LIMIT 1');
		const pages = { home: '/admin', orders: '/admin/orders', order: `/admin/orders/${order}`, health: '/admin/health', grant: '/admin/grant?product=rangement',
			disputes: '/admin/disputes', ...(dispute ? { dispute: `/admin/disputes/${dispute}` } : {}) };
		for (const [name, path] of Object.entries(pages)) {
			await person.go(path);
			await person.judge(name);
		}
		await person.refused();
		await person.leave();
	});
