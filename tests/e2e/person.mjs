// A person at a browser: headless Chromium, and what a picky one would notice on every page they see.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { HtmlValidate } from 'html-validate';
import { chromium } from 'playwright-core';
import { shop, stripe } from './shop.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = `${process.env.RUN ?? 'run'}/pictures`;

// Our markup leaves out what HTML lets one leave out, and long lines of one element are long lines.
const markup = new HtmlValidate({ extends: ['html-validate:recommended', 'html-validate:document'],
	rules: { 'void-style': ['error', { style: 'omit' }], 'long-title': 'off', 'no-trailing-whitespace': 'off', 'doctype-style': 'off' } });

export const open_browser = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
		'--disable-component-update', '--disable-sync'] });

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };

export class Person {
	// How: language, script (JavaScript on), screen, dark, name (of the pictures' folder).
	static async come(browser, how = {}) {
		const person = new Person();
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
			if (![shop, stripe].includes(new URL(request.url()).origin) && !request.url().startsWith('data:'))
				person.complaints.push(`asked another place: ${request.url()}`);
		});
		return person;
	}

	async go(path) {
		const answer = await this.page.goto(path.startsWith('http') ? path : shop + path);
		return answer;
	}

	press(name, role = 'button') {
		return this.page.getByRole(role, { name }).first().click();
	}

	async fill(fields) {
		for (const [name, text] of Object.entries(fields))
			await this.page.locator(`[name="${name}"]`).first().fill(text);
	}

	async log_in(email, password = 'comptoir-demo') {
		await this.go('/login');
		await this.fill({ email, password });
		await this.page.locator('main form button').first().click();
		await this.page.waitForURL(/\/account/);
		return this;
	}

	async picture(name, options = {}) {
		mkdirSync(`${pictures}/${this.name}`, { recursive: true });
		await this.page.screenshot({ path: `${pictures}/${this.name}/${name}.png`, fullPage: true, ...options });
	}

	// Nothing hangs over the side of a phone, and nothing that scrolls does so beyond its own box.
	async narrow(name) {
		await this.page.setViewportSize(PHONE);
		const wide = await this.page.evaluate(() => {
			const room = document.documentElement.clientWidth;
			const scrolls = (node) => node && (/auto|scroll|hidden|clip/.test(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
			return document.documentElement.scrollWidth <= room ? [] : [`page ${document.documentElement.scrollWidth}`,
				...[...document.body.querySelectorAll('*')].filter((node) => node.getBoundingClientRect().right > room + 0.5 && !scrolls(node.parentElement))
					.map((node) => `${node.tagName}.${node.className} ${Math.round(node.getBoundingClientRect().right)}`)].slice(0, 6);
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

	async contrast(name) {
		await this.page.emulateMedia({ colorScheme: 'dark' });
		const found = await this.page.evaluate(async () => {
			const { violations } = await window.axe.run(document, { runOnly: ['color-contrast'], resultTypes: ['violations'] });
			return violations.flatMap(({ nodes }) => nodes.map((node) => `${node.html.slice(0, 160)}: ${node.any[0]?.message}`)).slice(0, 5);
		});
		await this.page.emulateMedia({ colorScheme: this.dark ? 'dark' : 'light' });
		assert.deepEqual(found, [], `${name}: contrast in the dark`);
	}

	// The page as it came, before any script touched it.
	async well_formed(name, html) {
		const report = await markup.validateString(html ?? await this.page.content(), `${name}.html`);
		assert.deepEqual(report.results.flatMap((result) => result.messages.map((one) => `${one.line}: ${one.ruleId}: ${one.message}`)), [], `${name}: markup`);
	}

	// A word that nobody translated shows as its key; a template that went wrong shows as its tag.
	async worded(name) {
		const text = await this.page.evaluate(() => document.title + '\n' + document.body.innerText
			+ [...document.querySelectorAll('[aria-label], [alt]')].map((node) => '\n' + (node.ariaLabel ?? node.alt)).join(''));
		assert.doesNotMatch(text, /\{\{|\}\}|\b(undefined|null|NaN)\b|\b(error|notice|state|reason|kind|activity|order|license|price|benefit)\.[a-z_]+\b/, `${name}: words`);
		assert.equal(await this.page.evaluate(() => document.documentElement.lang), this.language, `${name}: language`);
	}
}
