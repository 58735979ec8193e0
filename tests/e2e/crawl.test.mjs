// What asking alone may change, what somebody else's address gives, and what a request says of who sends it: nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Visitor, all_told, mails, quiet, shop, sql, value } from './shop.mjs';

// All tests come from one address: what those before this one tried would count.
sql('DELETE FROM throttle');
const buyer = await new Visitor('en').log_in('buyer@demo.example');
const hannah = await new Visitor('en').log_in('hannah@demo.example'); // the other member: she owns other things than he does
const nobody = new Visitor('en');

const routes = ['shop', 'auth', 'account', 'download', 'hook'].flatMap((zone) => execFileSync(`bin/${zone}.fcgi`, ['--routes'], { encoding: 'utf8' })
	.trim().split('\n').map((line) => {
		const [, method, path, who] = line.split(/\s+/);
		return { method, path, who };
	}));

// Everything below is asked for by a dozen at a time, as many as an idle browser would.
async function each(things, job, width = 12) {
	const left = [...things];
	await Promise.all(Array.from({ length: width }, async () => {
		for (let thing = left.shift(); thing !== undefined; thing = left.shift())
			await job(thing);
	}));
}

// What is the buyer's, for what stands in braces in a route. His download link is made here, known by its hash alone, as the program
// keeps it. A link that was mailed belongs to who has it: there a link is tried that nobody has.
const token = randomBytes(32).toString('base64url');
const hash = createHash('sha256').update(token).digest('hex');
const his = "(SELECT id FROM account WHERE email = 'buyer@demo.example')";
const [[number]] = sql(`SELECT number FROM orders WHERE account_id = ${his} AND state = 'paid' ORDER BY id LIMIT 1`);
const [[right_id, right, file_id, file]] = sql(`SELECT e.id, e.public_id, f.id, f.public_id FROM entitlement e
	JOIN product_file f ON f.product_id = e.product_id
	WHERE e.account_id = ${his} AND e.kind = 'download' AND e.state = 'active' AND e.parts = '' ORDER BY e.id LIMIT 1`);
const invoice = value(`SELECT number FROM invoice WHERE account_id = ${his} AND kind = 'invoice' ORDER BY id LIMIT 1`);
const session = value(`SELECT public_id FROM session WHERE account_id = ${his} ORDER BY created_at DESC LIMIT 1`);
const [[price, slug, category]] = sql(`SELECT p.public_id, d.slug, c.slug FROM price p JOIN product d ON d.id = p.product_id
	JOIN category c ON c.id = d.category_id WHERE p.active AND d.status = 'published' AND p.amount > 0 ORDER BY p.id LIMIT 1`);

// A subscription of his, ended, for as long as this test lasts.
const subscription = randomBytes(11).toString('hex');

before(() => {
	sql(`INSERT INTO subscription (public_id, account_id, stripe_subscription, status, price_id, told_at, created_at, updated_at)
		SELECT '${subscription}', ${his}, 'sub_crawl', 'canceled', id, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM price WHERE recurring = 'year' ORDER BY id LIMIT 1`);
	sql(`INSERT INTO download_link (token_hash, account_id, entitlement_id, file_id, created_at, expires_at)
		VALUES (UNHEX('${hash}'), ${his}, ${right_id}, ${file_id}, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 1 HOUR)`);
});
after(() => {
	sql(`DELETE FROM download_link WHERE token_hash = UNHEX('${hash}')`);
	sql("DELETE FROM subscription WHERE stripe_subscription = 'sub_crawl'");
});

const address = ({ path }) => path.replace('{id}', subscription).replace('{price}', price).replace('{number}', number).replace('{invoice}', invoice).replace('{what}', 'verify')
	.replace('/category/{slug}', `/category/${category}`).replace('/product/{slug}', `/product/${slug}`)
	.replace('/download/{token}', `/download/${token}`).replace('{token}', randomBytes(32).toString('base64url'));

// What may differ between two answers that are the same: tokens of forms, keys of requests, the moment a session was seen.
const plain = (text) => text.replace(/(name="(?:csrf|request_key)" value=")[^"]*/g, '$1').replace(/<code>[0-9a-f]{32}<\/code>/g, '')
	.replace(/<time datetime="[^"]*">[^<]*<\/time>/g, '');

// CHECKSUM TABLE of all tables, and of those that asking may change what must stay as it is.
function sums() {
	const free = new Set(['session', 'download_event', 'download_link', 'job', 'throttle']);
	const tables = sql('SHOW TABLES').map(([name]) => name).filter((name) => !free.has(name));
	const found = Object.fromEntries(sql(`CHECKSUM TABLE ${tables.map((name) => `\`${name}\``).join(', ')}`));
	const rest = sql(`SELECT 'session', COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS('|', HEX(token_hash), public_id, account_id, user_agent, address, proved_at, created_at))), 0) FROM session
		UNION ALL SELECT 'download_link', COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS('|', HEX(token_hash), account_id, entitlement_id, file_id, created_at, expires_at))), 0) FROM download_link`);
	return { ...found, rest };
}

// Follows every link of our own on every page, a few hundred at most; pages that only differ in where a list goes on, a few.
async function crawl(visitor, starts) {
	const seen = new Set(starts), queue = [...starts], found = new Map(), lists = new Map();
	for (let round = 0; queue.length && found.size < 300; round++) {
		const now = queue.splice(0);
		await each(now, async (path) => {
			const page = await visitor.get(path);
			found.set(path, page.status);
			const refs = [...page.text.matchAll(/\b(?:href|src|action)="([^"#]*)/g)].map(([, to]) => to.replaceAll('&amp;', '&'));
			for (const ref of [...refs, ...(page.location ? [page.location] : [])]) {
				const to = new URL(ref, page.url);
				if (to.origin !== shop || to.searchParams.has('lang'))
					continue;
				const list = lists.get(to.pathname) ?? 0;
				if (seen.has(to.pathname + to.search) || (to.search && list >= 4))
					continue;
				lists.set(to.pathname, list + 1);
				seen.add(to.pathname + to.search);
				queue.push(to.pathname + to.search);
			}
		});
	}
	return found;
}

test('looking at everything changes nothing', async () => {
	const gets = routes.filter(({ method }) => method === 'GET').map((route) => address(route));
	await all_told(); // what tests before this one began goes on without anybody asking
	await quiet();
	const earlier = sums(), sent = (await mails()).length;
	for (const [visitor, least] of [[nobody, 60], [buyer, 80]]) {
		const found = await crawl(visitor, ['/', ...gets]);
		assert.ok(found.size >= least, `${found.size} pages`);
		assert.deepEqual([...found].filter(([, status]) => status >= 500), []);
	}
	assert.equal((await nobody.ask('/', { method: 'HEAD' })).status, 200);
	await quiet(); // what the worker does with the checks that were queued is asking, too
	assert.deepEqual(sums(), earlier);
	assert.equal((await mails()).length, sent, 'no mail was sent');
});

// Everything on a page that only the buyer may see.
const secrets = [...sql(`SELECT number FROM orders WHERE account_id = ${his} UNION SELECT number FROM invoice WHERE account_id = ${his}`), ...sql(`SELECT public_id FROM entitlement WHERE account_id = ${his}`),
	...sql(`SELECT public_id FROM session WHERE account_id = ${his}`), ...sql(`SELECT email FROM account WHERE id = ${his} UNION SELECT name FROM account WHERE id = ${his}`)].flat();
// What was asked for stands in the answer when it is part of the address.
const shows = (page, path) => secrets.filter((text) => page.text.replaceAll(path, '').includes(text));
const his_rows = () => sql(`SELECT (SELECT SUM(CRC32(CONCAT_WS('|', id, state, updated_at))) FROM orders WHERE account_id = ${his}),
	(SELECT SUM(CRC32(CONCAT_WS('|', id, state))) FROM entitlement WHERE account_id = ${his}), (SELECT COUNT(*) FROM session WHERE account_id = ${his}),
	(SELECT COUNT(*) FROM download_link WHERE account_id = ${his}), (SELECT CRC32(CONCAT_WS('|', email, name, password)) FROM account WHERE id = ${his})`);
// Fields of forms that name a thing by its id, and fields that no form has.
const named = { '/account/downloads': { entitlement: right, file }, '/account/settings/sessions': { session } };
const claims = { account: '1', account_id: '1', user: 'buyer@demo.example', number, order: number, role: 'staff', is_staff: '1' };

test('another person’s things are there for nobody else, whatever the route', async () => {
	const before_all = his_rows();
	for (const [who, visitor] of [['a visitor', new Visitor('en')], ['a member', await new Visitor('en').log_in('hannah@demo.example')]]) {
		const form = await visitor.get(who === 'a visitor' ? '/login' : '/account/settings');
		// Logging out comes last: afterwards the member is none.
		for (const route of [...routes].sort((a, b) => (a.path === '/logout') - (b.path === '/logout'))) {
			const path = address(route), where = `${who}: ${route.method} ${path}`;
			const page = route.method === 'GET' ? await visitor.get(path) : await visitor.forge(form, path, { ...claims, ...named[route.path] });
			assert.ok(page.status < 500, `${where}: ${page.status}`);
			assert.deepEqual(shows(page, path), [], where);
			if (route.who === 'member' && who === 'a visitor') {
				assert.equal(page.status, 303, where);
				assert.match(page.location, /^(http:\/\/[^/]*)?\/login(\?|$)/, where);
			} else if (/\{(number|id|invoice)\}|\/download\//.test(route.path) || named[route.path] && route.method === 'POST') {
				assert.ok([403, 404].includes(page.status), `${where}: ${page.status}`);
			}
		}
	}
	assert.deepEqual(his_rows(), before_all);
	assert.equal((await buyer.get('/account')).status, 200, 'his session goes on');
	assert.equal((await buyer.get(`/download/${token}`)).status, 200, 'his link is as good as before');
});

test('a method that a route has not is refused', async () => {
	const methods = new Map();
	for (const route of routes)
		methods.set(route.path, [...(methods.get(route.path) ?? []), route.method]);
	await each(methods, async ([path, known]) => {
		for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
			if (known.includes(method))
				continue;
			const answer = await hannah.ask(address({ path }), { method, headers: { origin: shop } });
			assert.equal(answer.status, 405, `${method} ${path}`);
			assert.match(answer.headers.get('allow') ?? '', new RegExp(known[0]), `${method} ${path}`);
		}
	}, 4);
});

const me = 'buyer@demo.example', there = '/account/orders';
const lies = { 'X-Forwarded-User': me, 'X-Forwarded-Email': me, 'X-Forwarded-Preferred-Username': me, 'X-Forwarded-Groups': 'staff', 'X-User': me,
	'X-User-Id': '1', 'X-User-Email': me, 'X-User-Name': me, 'X-User-Role': 'staff', 'X-Userinfo': btoa(`{"sub":"1","email":"${me}"}`), 'X-Username': me,
	'X-Uid': '1', 'X-Account': me, 'X-Account-Id': '1', 'X-Customer-Id': '1', 'X-Member-Id': '1', 'X-Owner': '1', 'X-Role': 'staff', 'X-Roles': 'staff,seller',
	'X-Admin': '1', 'X-Is-Admin': 'true', 'X-Staff': '1', 'X-Seller': '1', 'X-Tenant-Id': '1', 'X-Remote-User': me, 'Remote-User': me, 'Remote-Email': me,
	'Remote-Groups': 'staff', 'X-Auth-User': me, 'X-Auth-Token': session, 'X-Auth-Request-User': me, 'X-Auth-Request-Email': me, 'X-Authenticated-User': me,
	'X-Authenticated-Userid': '1', 'X-Access-Token': session, 'X-Session-Id': session, 'X-Session': session, 'X-Api-Key': session, 'X-Csrf-Token': session,
	'X-Token': session, Authorization: `Basic ${btoa(`${me}:comptoir-demo`)}`, 'Proxy-Authorization': `Bearer ${session}`, 'X-Authorization': `Bearer ${session}`,
	'X-Goog-Authenticated-User-Email': me, 'X-Ms-Client-Principal-Name': me, 'X-Amzn-Oidc-Identity': me, 'Cf-Access-Authenticated-User-Email': me,
	'X-Client-Verify': 'SUCCESS', 'Ssl-Client-Verify': 'SUCCESS', 'X-Ssl-Client-S-Dn': `emailAddress=${me}`, 'X-Original-Url': there, 'X-Original-Uri': there,
	'X-Rewrite-Url': there, 'X-Forwarded-Uri': there, 'X-Forwarded-Path': there, 'X-Forwarded-Prefix': '/evil', 'X-Http-Method-Override': 'DELETE',
	'X-Http-Method': 'DELETE', 'X-Method-Override': 'POST', 'X-Forwarded-Host': 'evil.example', 'X-Host': 'evil.example', 'X-Forwarded-Server': 'evil.example',
	'X-Forwarded-Proto': 'https', 'X-Forwarded-Port': '444', 'X-Forwarded-For': '10.0.0.1', 'X-Real-Ip': '10.0.0.1', 'X-Client-Ip': '10.0.0.1', 'True-Client-Ip': '10.0.0.1',
	Forwarded: 'for=10.0.0.1;host=evil.example;proto=https', 'X-Request-Id': 'evil', 'X-Accel-Redirect': '/files/', 'Script-Name': '/evil', 'Path-Info': there };

test('what a request says of its sender changes nothing', async () => {
	assert.ok(Object.keys(lies).length >= 60);
	const seen = (page) => ({ status: page.status, location: page.location, cookie: page.headers.getSetCookie().map((line) => line.split('=')[0]), text: plain(page.text) });
	for (const visitor of [nobody, hannah]) {
		const paths = routes.filter(({ method }) => method === 'GET').map((route) => address(route));
		const true_ones = new Map();
		await each(paths, async (path) => true_ones.set(path, seen(await visitor.get(path))));
		// Five at a time: none of them takes back what another one did, and each page is asked for thirteen times instead of sixty.
		const told = Object.entries(lies), groups = Array.from({ length: Math.ceil(told.length / 5) }, (_, i) => Object.fromEntries(told.slice(i * 5, i * 5 + 5)));
		await each(paths.flatMap((path) => groups.map((headers) => [path, headers])), async ([path, headers]) => {
			assert.deepEqual(seen(await visitor.get(path, { headers })), true_ones.get(path), `${path} with ${Object.keys(headers)}`);
		});
	}
});
