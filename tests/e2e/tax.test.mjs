// A shop that lets Stripe work out the VAT: what was paid at Stripe's page is on the order, in the mail and on the invoice.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Visitor, all_told, broken_promises, double, mail_to, mails, until, value } from './shop.mjs';

const run = process.env.RUN ?? 'run';
const file = `${run}/conf/shop.conf`;
const settings = readFileSync(file, 'utf8');

// The zone that makes orders reads its settings when it starts: its processes are ended, and what watches them makes new ones.
async function restart(text) {
	const [pid] = readFileSync(`${run}/pid/shop`, 'utf8').split(' ');
	const children = () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
	const old = children();
	writeFileSync(file, text);
	for (const child of old)
		process.kill(Number(child), 'SIGKILL');
	await until('all of the zone are new', () => {
		const now = children();
		return now.length === old.length && !now.some((child) => old.includes(child));
	});
}

before(() => restart(`${settings.trimEnd()}\nstripe_tax = yes\n`));
after(() => restart(settings));

const amount = (minor) => `[^<]*${(minor / 100).toFixed(2).replace('.', '[.,]')}[^<]*`; // below a thousand

// Nobody subscribes to the same plan twice.
async function newcomer() {
	const visitor = new Visitor('en'), email = `taxed-${Date.now()}@example.com`, password = 'a long walk at night';
	await visitor.submit(await visitor.get('/register'), '/register', { email, name: 'Jenny', password, terms: '1' });
	const [, link] = /(\/verify\/[^\s<]*)/.exec((await mail_to(email, /./)).text);
	await visitor.submit(await visitor.get(link), '/verify/.*', {});
	return (await visitor.get('/account')).status === 200 ? visitor : visitor.log_in(email, password);
}

test('a purchase with tax on top', async () => {
	const email = 'buyer@demo.example';
	const visitor = await new Visitor('en').log_in(email); // who reads French
	const { session } = await visitor.to_stripe('rangement');
	await double('pay', { session, wait_ms: 5000 });
	const order = await until('it is paid', () => value(`SELECT CONCAT_WS(' ', number, subtotal, tax, total) FROM orders WHERE stripe_session = '${session}' AND state = 'paid'`));
	const [number, ...sums] = order.split(' ');
	const [subtotal, tax, total] = sums.map(Number);
	assert.deepEqual([tax, total], [Math.round(subtotal * 0.2), subtotal + tax]);
	const page = (await visitor.get(`/account/orders/${number}`)).text;
	assert.match(page, new RegExp(`<dt>Taxes</dt><dd>${amount(tax)}</dd>`));
	assert.match(page, new RegExp(`<dt>Total</dt><dd>${amount(total)}</dd>`));
	const invoice = await until('the invoice', () => value(`SELECT i.number FROM invoice i JOIN orders o ON o.id = i.order_id WHERE o.number = '${number}'`));
	const document = (await visitor.get(`/account/invoices/${invoice}`)).text;
	assert.match(document, new RegExp(`<td class="number">${amount(subtotal)}</td><td class="number">${amount(tax)}</td>`));
	assert.match(document, new RegExp(`<dt>Taxes</dt><dd>${amount(tax)}</dd>`));
	assert.match(document, new RegExp(`<dt>Total</dt><dd>${amount(total)}</dd>`));
	const { text } = await until('the receipt', async () => (await mails()).find((mail) => mail.to.includes(email) && mail.text.includes(number)));
	assert.match(text, new RegExp(`Taxes.: ${amount(tax)}`));
	assert.match(text, new RegExp(`Total.: ${amount(total)}`));
	assert.equal(broken_promises(), 0);
});

test('each month of a plan has its tax', async () => {
	const visitor = await newcomer();
	const links = [...(await visitor.get('/product/studio-pro')).text.matchAll(/href="\/checkout\/[0-9A-Za-z]{22}"[^>]*>([\s\S]*?)<\/a>/g)];
	const { session } = await visitor.to_stripe('studio-pro', links.findIndex(([, text]) => text.includes('Monthly plan')));
	await double('pay', { session, wait_ms: 8000 });
	const order = await until('it is paid', () => value(`SELECT id FROM orders WHERE stripe_session = '${session}' AND paid_at IS NOT NULL`));
	await double('clock', { advance: 50 * 86400 });
	await all_told();
	const periods = `FROM invoice i JOIN subscription_period p ON i.source = 'period' AND i.source_id = p.id JOIN subscription s ON s.id = p.subscription_id WHERE s.order_id = ${order}`;
	await until('months are documented', () => Number(value(`SELECT COUNT(*) ${periods}`)) > 0);
	assert.equal(value(`SELECT COUNT(*) ${periods} AND (i.tax <> ROUND(i.net * 0.2) OR i.tax = 0 OR i.total <> i.net + i.tax)`), '0');
});
