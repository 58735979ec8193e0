// A person at a browser: headless Chromium, and what a picky one would notice on every page they see.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { HtmlValidate } from 'html-validate';
import { chromium } from 'playwright-core';
import { shop, sink, stripe } from './shop.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = `${process.env.RUN ?? 'run'}/pictures`;

// Our markup leaves out what HTML lets one leave out, and long lines of one element are long lines.
const markup = new HtmlValidate({ extends: ['html-validate:recommended', 'html-validate:document'],
	rules: { 'void-style': ['error', { style: 'omit' }], 'long-title': 'off', 'no-trailing-whitespace': 'off', 'doctype-style': 'off',
		'require-sri': ['error', { target: 'crossorigin' }] } });

export const open_browser = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
		'--disable-component-update', '--disable-sync'] });

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };

export class Person {
	// How: language, script (JavaScript on), screen, dark, name (of the pictures' folder).
	static async come(browser, how = {}) {
		const person = new this();
		Object.assign(person, { language: 'en', script: true, screen: DESKTOP, dark: false, name: 'somebody', ...how });
		person.context = await browser.newContext({ viewport: person.screen, javaScriptEnabled: person.script, acceptDownloads: true,
			colorScheme: person.dark ? 'dark' : 'light', reducedMotion: 'reduce', locale: person.language, serviceWorkers: 'block',
			deviceScaleFactor: how.scale ?? 1 });
		person.page = await person.context.newPage();
		person.page.setDefaultTimeout(15000);
		person.complaints = [];
		person.seen = new Set();
		// A page that answers with an error status is said to be an error by Chromium too: that alone is no complaint.
		person.page.on('console', (message) => {
			if (['error', 'warning'].includes(message.type()) && !/status of [45]\d\d/.test(message.text()))
				person.complaints.push(`${person.page.url()}: ${message.text()}`);
		});
		person.page.on('pageerror', (error) => person.complaints.push(`${person.page.url()}: ${error.message}`));
		person.page.on('requestfailed', (request) => {
			if (!/ERR_ABORTED/.test(request.failure()?.errorText ?? ''))
				person.complaints.push(`${request.url()}: ${request.failure()?.errorText}`);
		});
		person.page.on('request', (request) => {
			if (![shop, stripe, sink].includes(new URL(request.url()).origin) && !request.url().startsWith('data:'))
				person.complaints.push(`asked another place: ${request.url()}`);
		});
		person.page.on('response', (response) => {
			if (response.request().isNavigationRequest() && !response.headers().location)
				person.document = response;
		});
		if (person.still) // pages that would ask for themselves again stay as they are
			await person.context.route(/\/checkout\/return\//, async (route) => {
				const response = await route.fetch();
				const { refresh, ...headers } = response.headers();
				await route.fulfill({ response, headers });
			});
		return person;
	}

	go(path) {
		return this.page.goto(path.startsWith('http') ? path : shop + path);
	}

	async leave() {
		assert.deepEqual(this.complaints, [], 'what the browser complained of');
		await this.context.close();
	}

	// Presses the button of a form, named by where it goes.
	async send(action, button = 'button') {
		await Promise.all([this.page.waitForNavigation(), this.page.locator(`form[action="${action}"] ${button}`).first().click()]);
	}

	// As a browser that checks nothing before it sends.
	unchecked() {
		return this.page.evaluate(() => { for (const form of document.forms) form.noValidate = true; });
	}

	async fill(fields) {
		for (const [name, text] of Object.entries(fields))
			await this.page.locator(`[name="${name}"]`).first().fill(text);
	}

	async log_in(email, password = 'comptoir-demo') {
		await this.go('/login');
		await this.fill({ email, password });
		await this.send('/login');
		return this;
	}

	// What fits on the screen; PICTURES=whole takes the pages to their ends, which takes longer.
	async picture(name) {
		mkdirSync(`${pictures}/${this.name}`, { recursive: true });
		await this.page.screenshot({ path: `${pictures}/${this.name}/${name}.jpg`, type: 'jpeg', quality: 70, fullPage: process.env.PICTURES === 'whole' });
	}

	// Nothing hangs over the side of a phone, but inside boxes that scroll by themselves.
	async narrow(name) {
		await this.page.setViewportSize(PHONE);
		const wide = await this.page.evaluate(() => {
			const room = document.documentElement.clientWidth;
			const boxed = (node) => node && (/auto|scroll|hidden|clip/.test(getComputedStyle(node).overflowX) || boxed(node.parentElement));
			const over = [...document.body.querySelectorAll('*')].filter((node) => node.getBoundingClientRect().right > room + 0.5 && !boxed(node.parentElement))
				.map((node) => `${node.tagName}.${node.className} ${Math.round(node.getBoundingClientRect().right)}`).slice(0, 6);
			return document.documentElement.scrollWidth > room ? [`page ${document.documentElement.scrollWidth}`, ...over] : over;
		});
		assert.deepEqual(wide, [], `${name} is wider than a phone`);
	}

	async accessible(name) {
		await this.page.evaluate(axe);
		const found = await this.page.evaluate(async () => {
			const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
			return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
		});
		assert.deepEqual(found, [], `${name}: axe`);
	}

	// The same page at night and on a phone: what of that could differ.
	async at_night(name) {
		await this.page.emulateMedia({ colorScheme: 'dark' });
		await this.page.setViewportSize(PHONE);
		const found = await this.page.evaluate(async () => {
			const { violations } = await window.axe.run(document, { runOnly: ['color-contrast', 'scrollable-region-focusable', 'target-size'], resultTypes: ['violations'] });
			return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}: ${node.any[0]?.message}`)).slice(0, 5);
		});
		await this.page.emulateMedia({ colorScheme: this.dark ? 'dark' : 'light' });
		assert.deepEqual(found, [], `${name}: at night, on a phone`);
	}

	// The page as it came, before any script touched it.
	async well_formed(name) {
		const report = await markup.validateString(await this.document.text(), `${name}.html`);
		assert.deepEqual(report.results.flatMap((result) => result.messages.map((one) => `${one.line}: ${one.ruleId}: ${one.message}`)), [], `${name}: markup`);
	}

	// A word that nobody translated shows as its key; a template that went wrong shows as its tag.
	async worded(name) {
		const text = await this.page.evaluate(() => document.title + '\n' + document.body.innerText
			+ [...document.querySelectorAll('[aria-label], [alt]')].map((node) => '\n' + (node.ariaLabel ?? node.alt)).join(''));
		assert.doesNotMatch(text, /\{\{|\}\}|\b(undefined|null|NaN)\b|\b(error|notice|state|reason|kind|activity|order|license|price|benefit)\.[a-z_]+\b/, `${name}: words`);
		assert.equal(await this.page.evaluate(() => document.documentElement.lang), this.language, `${name}: language`);
	}

	// All of it, of the page that is open; leaves a picture behind. What is wrong is kept until the person leaves.
	async judge(name) {
		const label = `${name} (${this.language})`;
		for (const look of ['worded', 'well_formed', 'accessible', 'at_night', 'narrow'])
			await this[look](label).catch((error) => this.complaints.push(error.message));
		await this.picture(`${name}-phone`);
		await this.page.setViewportSize(this.screen);
		await this.picture(name);
	}
}
