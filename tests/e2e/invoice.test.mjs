// A payment has its invoice, a refund its credit note: pages to print, PDFs to keep, for their owner alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Person, open_browser } from './person.mjs';
import { Visitor, double, until, value } from './shop.mjs';

// Built with pango, the worker prints PDFs; without, the page is all there is.
const with_pango = /pango/.test(execFileSync('ldd', ['bin/worker'], { encoding: 'utf8' }));

let browser;
before(async () => { browser = await open_browser(); });
after(() => browser.close());

test('an invoice and its PDF', async () => {
	const visitor = await new Visitor('fr').log_in('buyer@demo.example');
	const { session } = await visitor.to_stripe('rangement');
	await double('pay', { session, wait_ms: 5000 });
	const number = value(`SELECT number FROM orders WHERE stripe_session = '${session}'`);
	const invoice = await until('the invoice', () => value(`SELECT i.number FROM invoice i JOIN orders o ON o.id = i.order_id WHERE o.number = '${number}'`));
	assert.match(invoice, /^F\d{4}-\d{6}$/);
	assert.ok((await visitor.get(`/account/orders/${number}`)).text.includes(`/account/invoices/${invoice}`));
	assert.ok((await visitor.get(`/account/orders/${number}/invoice`)).text.includes(invoice));
	const hannah = await new Visitor('en').log_in('hannah@demo.example');
	for (const path of [`/account/invoices/${invoice}`, `/account/invoices/${invoice}/pdf`, `/account/orders/${number}/invoice`])
		assert.equal((await hannah.get(path)).status, 404);
	if (with_pango) {
		const pdf = await until('the worker has printed the PDF', async () => {
			const answer = await visitor.get(`/account/invoices/${invoice}/pdf`);
			return answer.status === 200 && answer;
		});
		assert.equal(pdf.bytes.subarray(0, 5).toString(), '%PDF-');
		assert.equal(pdf.headers.get('content-type'), 'application/pdf');
		assert.match(pdf.headers.get('content-disposition'), new RegExp(`${invoice}\\.pdf`));
	} else {
		await until('the worker has left it at the page', () => value("SELECT COUNT(*) FROM job WHERE reaction = 'invoice_print'") === '0');
		assert.equal((await visitor.get(`/account/invoices/${invoice}/pdf`)).status, 404);
	}
	assert.equal((await visitor.get(`/account/invoices/${invoice}`)).text.includes(`/account/invoices/${invoice}/pdf`), with_pango);
	for (const language of ['en', 'fr']) {
		const person = await (await Person.come(browser, { language, name: `invoice-${language}` })).log_in('buyer@demo.example');
		await person.go(`/?lang=${language}`);
		await person.go(`/account/invoices/${invoice}`);
		await person.judge('invoice');
		await person.page.emulateMedia({ media: 'print' });
		assert.equal(await person.page.locator('nav:visible, .button:visible').count(), 0, 'on paper there is nothing to press');
		await person.picture('invoice-print');
		await person.page.emulateMedia({ media: 'screen' });
		await person.leave();
	}
});
