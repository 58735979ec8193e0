// The front end: caching that never shows one visitor's page to another nor an old price, paths, refusals, a zone that is down.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { test } from 'node:test';
import { Visitor, fetched, shop, sql, until, value } from './shop.mjs';

const run = process.env.RUN ?? 'run';
const page = async (path, headers = {}) => {
	const response = await fetched(shop + path, { redirect: 'manual', headers: { 'accept-language': 'en', ...headers } });
	return { status: response.status, headers: response.headers, text: await response.text() };
};
// As it is, without what fetch() makes of a path.
const raw = (path, { method = 'GET', headers = {}, body = '' } = {}) => new Promise((resolve, reject) => {
	const asked = request(`${shop}`, { path, method, headers }, (response) => {
		let text = '';
		response.on('data', (chunk) => { text += chunk; }).on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
	});
	asked.on('error', reject);
	asked.end(body);
});
const logged = () => readFileSync(`${run}/log/access.log`, 'utf8').split('\n');

test('the catalogue is answered from the cache within its second', async () => {
	await until('three hits', async () => {
		await Promise.all(Array.from({ length: 12 }, () => page('/?cached=1')));
		return logged().filter((line) => /"GET \/"/.test(line) && / HIT$/.test(line)).length >= 3;
	});
});

test('a changed price shows within one second, at any moment of it', async () => {
	const [slug, price, product] = sql("SELECT d.slug, p.id, d.id FROM price p JOIN product d ON d.id = p.product_id WHERE d.status = 'published' AND p.active AND d.price_count = 1 LIMIT 1")[0];
	const before = value(`SELECT amount FROM price WHERE id = ${price}`);
	try {
		for (let i = 0; i < 6; i++) {
			const amount = 123400 + i * 11, shown = `1,234.${String(i * 11).padStart(2, '0')}`;
			await new Promise((resolve) => setTimeout(resolve, 130 * i)); // a price changes at any part of a second
			await page(`/product/${slug}`);
			sql(`UPDATE price SET amount = ${amount} WHERE id = ${price}; UPDATE product SET price_from = ${amount} WHERE id = ${product}`);
			const changed = Date.now();
			let asked, old = changed; // when the last page with the old price was asked for: a busy machine may answer late
			await until(`${shown} on /product/${slug}`, async () => {
				asked = Date.now();
				const found = (await page(`/product/${slug}`)).text.includes(shown);
				old = found ? old : asked;
				return found;
			});
			assert.ok(old - changed <= 1000, `an old price was shown ${old - changed} ms after the change`);
		}
	} finally {
		sql(`UPDATE price SET amount = ${before} WHERE id = ${price}; UPDATE product SET price_from = ${before} WHERE id = ${product}`);
	}
});

test('a member is never answered from the cache, nor into it', async () => {
	const visitor = new Visitor('en');
	await visitor.submit(await visitor.get('/login'), '/login', { email: 'buyer@demo.example', password: 'comptoir-demo' });
	for (let i = 0; i < 20; i++) {
		const [own, stranger] = await Promise.all([visitor.get('/'), page('/')]);
		assert.equal(own.headers.get('cache-control'), 'no-store');
		assert.ok(own.text.includes('/account'), 'the member is known');
		assert.ok(!stranger.text.includes('buyer@demo.example') && !stranger.text.includes('/logout'));
		assert.equal(stranger.headers.get('set-cookie'), null);
	}
});

test('what the web server refuses by itself has a page in both languages', async () => {
	for (const [status, answer] of [[400, await raw('/a%00b')], [414, await raw(`/${'a'.repeat(40000)}`)],
		[413, await raw('/login', { method: 'POST', headers: { 'content-length': 3 << 20 } })]]) {
		assert.equal(answer.status, status);
		assert.match(answer.text, /This could not be read[\s\S]*lang="fr"[\s\S]*illisible/, String(status));
		assert.match(answer.headers['content-security-policy'], /default-src 'none'/);
		assert.equal(answer.headers['x-content-type-options'], 'nosniff');
	}
	const style = await page('/plain.css');
	assert.equal(style.status, 200);
	assert.match(style.headers.get('content-type'), /text\/css/);
});

test('languages do not mix', async () => {
	const lang = async (headers) => /<html lang="(..)"/.exec((await page('/', headers)).text)[1];
	for (let i = 0; i < 3; i++) {
		const got = await Promise.all([{ 'accept-language': 'fr' }, { 'accept-language': 'en' }, { 'accept-language': 'en, fr' }, { 'accept-language': 'fr-CA;q=0.9, en' },
			{ 'accept-language': 'de, fr;q=0.5, en;q=0.4' }, { 'accept-language': 'de' }, { 'accept-language': 'fr', cookie: 'language=en' },
			{ 'accept-language': 'en', cookie: 'language=fr' }, { 'accept-language': 'en', cookie: 'language=de' }].map(lang));
		assert.deepEqual(got, ['fr', 'en', 'en', 'fr', 'fr', 'en', 'en', 'fr', 'en']);
	}
	const chosen = await page('/?lang=fr');
	assert.match(chosen.headers.get('set-cookie'), /^language=fr;/);
	assert.match((await page('/?lang=fr')).headers.get('set-cookie'), /^language=fr;/, 'nobody is given a page without its cookie');
});

test('nothing beside the public folders is served', async () => {
	for (const path of ['/files/', '/files/x', '/files/../conf/comptoir.conf', '/media/../conf/comptoir.conf', '/media/%2e%2e/conf/comptoir.conf', '/media/..%2fconf/comptoir.conf',
		'/static/x/../../../Makefile', '/static/x/..%2f..%2fMakefile', '/static/x/..', '/static/../Makefile', '/busy.html', '/.git/config', '/run/conf/comptoir.conf', '/media/', '/static/x/']) {
		const { status, text } = await raw(path);
		assert.ok([400, 403, 404].includes(status), `${path}: ${status}`);
		assert.ok(!text.includes('csrf_secret') && !text.includes('[core]'), path);
	}
});

test('static files are kept for ever, and compressed', async () => {
	const href = /href="(\/static\/[0-9a-z]+\/style.css)"/.exec((await page('/')).text)[1];
	const style = await raw(href, { headers: { 'accept-encoding': 'gzip' } });
	assert.equal(style.status, 200);
	assert.equal(style.headers['content-encoding'], 'gzip');
	assert.match(style.headers['cache-control'], /immutable/);
	assert.equal(style.headers['x-content-type-options'], 'nosniff');
	assert.equal(style.headers.server, 'nginx');
});

test('what no responder should read is refused before', async () => {
	const form = { 'content-type': 'application/x-www-form-urlencoded' };
	assert.equal((await raw('/login', { method: 'POST', headers: form, body: 'a'.repeat(3 << 20) })).status, 413);
	assert.equal((await raw('/login', { method: 'POST', headers: form, body: 'a'.repeat(70000) })).status, 413);
	assert.equal((await raw('/', { method: 'DELETE' })).status, 405);
	assert.equal((await raw('/', { headers: { cookie: `a=${'b'.repeat(20000)}` } })).status, 400);
	assert.equal((await raw(`/${'a'.repeat(9000)}`)).status, 414);
});

test('the log holds no key of a mailed link, and no query', async () => {
	await page('/reset/SECRETsecretSECRETsecret?key=SECRETsecret');
	await page('/download/SECRETsecretSECRETsecret');
	const lines = await until('both lines', () => {
		const found = logged().filter((line) => /"GET \/(reset|download)\/SECRET\.\.\."/.test(line));
		return found.length >= 2 && found;
	});
	assert.ok(lines.length >= 2);
	assert.ok(!readFileSync(`${run}/log/access.log`, 'utf8').includes('SECRETs'));
});

test('a zone that is down says so calmly; the others do not notice', async () => {
	const [pid] = readFileSync(`${run}/pid/auth`, 'utf8').split(' ');
	const asked = async () => (await page('/login')).status;
	try {
		process.kill(Number(pid), 'SIGTERM');
		await until('auth is down', async () => await asked() === 503);
		const down = await page('/login');
		assert.match(down.text, /Back in a moment/);
		assert.match(down.text, /De retour/);
		assert.equal(down.headers.get('retry-after'), '5');
		assert.equal((await page('/')).status, 200);
		assert.equal((await page('/account')).status, 303);
		await until('its last process ends', () => !existsSync(`/proc/${pid}`));
	} finally {
		execFileSync('sh', ['tests/shop.sh', 'start'], { stdio: 'ignore', env: { ...process.env, RUN: run } });
	}
	await until('auth is back', async () => await asked() === 200);
});
