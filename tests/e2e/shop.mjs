// A running shop as tests see it: tests/shop.sh start it with RUN and PORT; nothing here knows its insides but sql().
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

const port = Number(process.env.PORT ?? 8080);
const run = process.env.RUN ?? 'run';
export const shop = `http://127.0.0.1:${port}`;
export const stripe = `http://127.0.0.1:${port + 1}`;
export const sink = `http://127.0.0.1:${port + 2}`;

// Rows of a statement, run with all rights, as arrays of text.
export function sql(statement) {
	const text = execFileSync('sh', ['tests/database.sh', 'sql', '-N', '-B', '-e', statement], { encoding: 'utf8', env: { ...process.env, RUN: run } });
	return text.split('\n').filter(Boolean).map((line) => line.split('\t'));
}
export const value = (statement) => sql(statement)[0]?.[0];

// fetch() may take a kept connection that the server closed meanwhile; a browser asks again, so do we, for GET alone.
export async function fetched(url, options = {}) {
	try {
		return await fetch(url, options);
	} catch (error) {
		if ((options.method ?? 'GET') !== 'GET')
			throw error;
		return fetch(url, options);
	}
}

// Waits for a condition instead of a time; gives what it gave.
export async function until(what, condition, seconds = 20) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const got = await condition();
		if (got)
			return got;
		if (Date.now() > end)
			throw new Error(`waited ${seconds} s in vain: ${what}`);
		await pause(50);
	}
}

// A call to the double: double('pay', { session }).
export async function double(call, body = {}) {
	const response = await fetch(`${stripe}/_double/${call}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
	const answer = await response.json();
	if (!response.ok)
		throw new Error(`double ${call}: ${answer.error}`);
	return answer;
}

// Stripe has told all that it had to tell, and it was taken.
export const all_told = () => until('Stripe has told everything', async () => !(await double('retry', { wait_ms: 2000 })).summary.pending, 60);

// The worker has done what is due, and no mail waits: nothing changes any more by itself. One that was killed holds its job for two minutes.
export const quiet = () => until('the worker has nothing left to do', () => value(`SELECT (SELECT COUNT(*) FROM job WHERE state = 'leased' OR (state = 'ready' AND run_at <= UTC_TIMESTAMP(6)))
	+ (SELECT COUNT(*) FROM mail WHERE state = 'ready' AND send_at <= UTC_TIMESTAMP(6))`) === '0', 150);

export const mails = async () => (await fetch(`${sink}/api/mails`)).json();
export const mail_to = (address, subject) => until(`a mail to ${address}`, async () =>
	(await mails()).find((mail) => mail.to.includes(address) && subject.test(mail.subject)));

const unescape = (text) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replace(/&quot;/g, '"').replace(/&lt;/g, '<')
	.replace(/&gt;/g, '>').replace(/&amp;/g, '&');

// A browser without JavaScript: cookies, forms, redirects seen one by one.
export class Visitor {
	constructor(language = 'en') {
		this.language = language;
		this.cookies = new Map();
	}

	async ask(path, { headers, ...options } = {}) {
		const url = path.startsWith('http') ? path : shop + path;
		const ours = url.startsWith(shop);
		const cookie = [...this.cookies].map(([name, text]) => `${name}=${text}`).join('; ');
		const response = await fetched(url, { redirect: 'manual', ...options, headers: { 'accept-language': this.language, ...(ours && cookie ? { cookie } : {}), ...headers } });
		for (const line of ours ? response.headers.getSetCookie() : []) {
			const [, name, text] = /^([^=]+)=([^;]*)/.exec(line);
			if (/max-age=0(;|$)/i.test(line))
				this.cookies.delete(name);
			else
				this.cookies.set(name, text);
		}
		const bytes = Buffer.from(await response.arrayBuffer());
		return { status: response.status, headers: response.headers, location: response.headers.get('location'), bytes, text: bytes.toString('utf8'), url };
	}

	get(path, options) {
		return this.ask(path, options);
	}

	// Sends a form of a page as a browser would: its hidden fields, then ours.
	async submit(page, action, fields = {}) {
		const form = [...page.text.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([text]) => text)
			.find((text) => (/action="([^"]*)"/.exec(text)?.[1] ?? '') === action || new RegExp(action + '$').test(/action="([^"]*)"/.exec(text)?.[1] ?? ''));
		if (!form)
			throw new Error(`no form ${action} on ${page.url} (${page.status})`);
		const body = new URLSearchParams();
		for (const [input] of form.matchAll(/<input\b[^>]*>/g)) {
			const attribute = (name) => new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1];
			if (attribute('name') && /hidden|number|text|email/.test(attribute('type') ?? 'text'))
				body.set(attribute('name'), unescape(attribute('value') ?? ''));
		}
		for (const [name, text] of Object.entries(fields))
			body.set(name, text);
		const target = new URL(/action="([^"]*)"/.exec(form)[1] || page.url, page.url).href;
		return this.ask(target, { method: 'POST', body, headers: { origin: new URL(target).origin } });
	}

	// Posts what no form of the page would: its token is good, the rest is ours.
	forge(page, path, fields) {
		const csrf = /name="csrf" value="([^"]*)"/.exec(page.text)[1];
		return this.ask(path, { method: 'POST', body: new URLSearchParams({ csrf, ...fields }), headers: { origin: shop } });
	}

	// Follows redirects on our site and the double's.
	async follow(response) {
		let page = response;
		for (let i = 0; i < 5 && page.location; i++)
			page = await this.get(new URL(page.location, page.url).href);
		return page;
	}

	async log_in(email, password = 'comptoir-demo') {
		const answer = await this.submit(await this.get('/login'), '/login', { email, password });
		if (answer.status !== 303)
			throw new Error(`log-in of ${email}: ${answer.status}`);
		return this;
	}

	// From the product page to Stripe's: the session's id, the checkout page.
	async to_stripe(slug, price = 0) {
		const product = await this.get(`/product/${slug}`);
		const links = [...product.text.matchAll(/href="(\/checkout\/[0-9A-Za-z]{22})"/g)].map(([, href]) => href);
		const checkout = await this.get(links[price]);
		const answer = await this.submit(checkout, links[price], { quantity: '1', action: 'pay' });
		return { answer, checkout, session: /cs_test_\w+/.exec(answer.location ?? '')?.[0], href: links[price] };
	}
}

// The promise, in numbers that must be 0.
export const broken_promises = () => Number(value(`SELECT
	(SELECT COUNT(DISTINCT o.id) FROM orders o JOIN order_line l ON l.order_id = o.id JOIN price p ON p.id = l.price_id AND p.recurring = 'once'
		JOIN benefit b ON b.price_id = l.price_id
		WHERE o.state IN ('paid', 'partially_refunded') AND (SELECT COUNT(*) FROM entitlement e WHERE e.source = 'order_line'
		AND e.source_id = l.id AND e.benefit_id = b.id) <> IF(b.kind = 'license', l.quantity, 1))
	+ (SELECT COUNT(*) FROM entitlement e JOIN orders o ON o.id = e.order_id WHERE o.paid_at IS NULL AND e.deleted_at IS NULL)
	+ (SELECT COUNT(*) FROM entitlement e LEFT JOIN license i ON i.entitlement_id = e.id WHERE e.kind = 'license' AND i.id IS NULL)`));
