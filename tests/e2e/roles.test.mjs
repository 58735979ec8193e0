// Every role at every route, with the buyer's ids: who may see what, and that no form is taken without its token. See also crawl.test.mjs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Visitor, all_told, double, quiet, shop, sql, until, value } from './shop.mjs';

const OWNER = 'buyer@demo.example';
// Every route of every zone: { zone, method, path, guard }.
const routes = readdirSync('bin').filter((name) => name.endsWith('.fcgi')).sort().flatMap((name) =>
	execFileSync(`bin/${name}`, ['--routes'], { encoding: 'utf8' }).split('\n').filter(Boolean).map((line) => {
		const [zone, method, path, guard] = line.split(/\s+/);
		return { zone, method, path, guard };
	}));
assert.ok(routes.length > 30);

const owner = {}; // what belongs to the buyer, and links mailed to them
let roles;

// A link as a mail would bring it, without a mail: only its hash is kept.
function token(purpose, email) {
	const text = `${purpose}${'x'.repeat(43)}`.slice(0, 43);
	sql(`INSERT IGNORE INTO account_token (token_hash, account_id, purpose, email, created_at, expires_at)
		SELECT UNHEX(SHA2('${text}', 256)), id, '${purpose}', '${email}', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 1 HOUR FROM account WHERE email = '${OWNER}'`);
	return text;
}

before(async () => {
	sql('DELETE FROM throttle');
	const buyer = await new Visitor('en').log_in(OWNER);
	const open = await buyer.to_stripe('kintsugi');
	const downloads = await buyer.get('/account/downloads');
	owner.download = (await buyer.submit(downloads, '/account/downloads')).location.split('/').at(-1);
	owner.number = value(`SELECT number FROM orders WHERE stripe_session = '${open.session}'`);
	[[owner.id, owner.public_id]] = sql(`SELECT id, public_id FROM account WHERE email = '${OWNER}'`);
	[[owner.entitlement, owner.file]] = sql(`SELECT e.public_id, f.public_id FROM entitlement e JOIN product_file f ON f.product_id = e.product_id
		WHERE e.account_id = ${owner.id} AND e.kind = 'download' LIMIT 1`);
	const paid = await buyer.to_stripe('rangement');
	await double('pay', { session: paid.session, wait_ms: 5000 });
	[owner.paid, owner.invoice] = await until('an invoice', () => sql(`SELECT o.number, i.number FROM invoice i JOIN orders o ON o.id = i.order_id WHERE o.stripe_session = '${paid.session}'`)[0]);
	owner.dispute = await double('dispute', { session: paid.session, status: 'warning_needs_response' }) && await until('an inquiry',
		() => value(`SELECT d.public_id FROM dispute d JOIN orders o ON o.stripe_payment = d.payment_intent WHERE o.number = '${owner.paid}'`));
	owner.session = value(`SELECT public_id FROM session WHERE account_id = ${owner.id} LIMIT 1`);
	owner.tokens = { '/verify/': token('verify', OWNER), '/reset/': token('reset', OWNER), '/email/': token('email', 'elsewhere@example.com'), '/download/': owner.download };
	owner.subscription = randomBytes(11).toString('hex');
	sql(`INSERT INTO subscription (public_id, account_id, stripe_subscription, status, price_id, told_at, created_at, updated_at)
		SELECT '${owner.subscription}', ${owner.id}, 'sub_roles', 'canceled', id, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM price WHERE recurring = 'year' ORDER BY id LIMIT 1`);
	const log_in = (email) => new Visitor('en').log_in(email);
	roles = { visitor: new Visitor('en'), buyer, other: await log_in('hannah@demo.example'), seller: await log_in('seller@demo.example'), staff: await log_in('staff@demo.example') };
	await roles.visitor.get('/login');
	await all_told();
});

after(() => {
	sql("DELETE FROM subscription WHERE stripe_subscription = 'sub_roles'");
});

// A route with the buyer's things, or with what everybody may see, in the place of {…}.
function filled({ path }) {
	const things = { '{slug}': path.startsWith('/category') ? 'beats' : 'nuit-bleue', '{number}': path.endsWith('/invoice') ? owner.paid : owner.number, '{what}': 'verify',
		'{price}': value("SELECT p.public_id FROM price p JOIN product d ON d.id = p.product_id WHERE d.slug = 'nuit-bleue' AND p.active ORDER BY p.id LIMIT 1"),
		'{invoice}': owner.invoice, '{id}': path.startsWith('/admin') ? owner.dispute : owner.subscription,
		'{token}': owner.tokens[path.replace(/\{.*/, '')] };
	return path.replace(/\{\w+\}/g, (name) => things[name] ?? assert.fail(`what stands for ${name} in ${path}?`));
}

// Fingerprints of all that is stored, but for what looking may leave behind.
function stored() {
	const left_out = { session: ['seen_at', 'expires_at'], download_link: ['used_at'] }, sums = {};
	const tables = sql("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'").flat();
	for (const table of tables.filter((name) => !['job', 'download_event'].includes(name))) {
		if (!left_out[table]) {
			sums[table] = sql(`CHECKSUM TABLE \`${table}\` EXTENDED`)[0][1];
			continue;
		}
		const columns = sql(`SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '${table}'`).flat()
			.filter((name) => !left_out[table].includes(name));
		sums[table] = value(`SELECT MD5(COALESCE(GROUP_CONCAT(SHA1(CONCAT_WS('|', ${columns.map((name) => `HEX(\`${name}\`)`).join(', ')})) ORDER BY 1), '')) FROM \`${table}\``);
	}
	return sums;
}

test('a link that was mailed still works after being looked at', async () => {
	for (const [path, text] of Object.entries(owner.tokens).filter(([path]) => path !== '/download/'))
		for (const look of ['GET', 'HEAD', 'GET'])
			assert.equal((await roles.visitor.ask(path + text, { method: look })).status, 200, `${look} ${path}`);
});

test('who may see what: every role, every route, with another’s ids', async () => {
	const shown = { ANYONE: 200, visitor: 303 };
	for (const route of routes.filter(({ method }) => method === 'GET')) {
		const path = filled(route), bound = /\{(number|token|invoice|id)\}/.test(route.path) && route.guard === 'member';
		for (const [role, who] of Object.entries(roles)) {
			const page = await who.get(path, { headers: { range: 'bytes=0-0' } });
			const label = `${role} GET ${path}`;
			if (route.guard === 'key') // programs: a session opens nothing there
				assert.equal(page.status, 401, label);
			else if (route.guard === 'anyone')
				assert.ok([200, 303].includes(page.status), `${label}: ${page.status}`);
			else if (role === 'visitor') {
				assert.equal(page.status, shown.visitor, label);
				assert.ok(page.location.startsWith(`${shop}/login?next=`), label);
			} else if (bound && role !== 'buyer')
				assert.equal(page.status, 404, label);
			else if (path.endsWith('/pdf'))
				assert.ok([200, 404].includes(page.status), label); // printed where it was built with pango
			else if (route.guard === 'member')
				assert.ok([200, 206, 303].includes(page.status), `${label}: ${page.status}`);
			else
				assert.equal(page.status, { seller: ['seller', 'staff'].includes(role), staff: role === 'staff', monitor: role === 'staff' }[route.guard] ? 200 : 403, label);
			if (role !== 'buyer' && !(role === 'staff' && route.zone === 'admin'))
				assert.ok(!page.text.includes(OWNER), `${label} shows the buyer’s address`);
		}
	}
});

test('no form is taken without its token, from elsewhere, or for another’s things', async () => {
	await quiet();
	const before = stored(), tokens = {};
	for (const [role, who] of Object.entries(roles))
		tokens[role] = /name="csrf" value="([^"]+)"/.exec((await who.get(role === 'visitor' ? '/login' : '/account/settings')).text)[1];
	const bodies = { '/account/downloads': { entitlement: owner.entitlement, file: owner.file }, '/account/settings/sessions': { session: owner.session } };
	for (const route of routes.filter(({ method }) => method === 'POST')) {
		const path = filled(route);
		for (const [role, who] of Object.entries(roles)) {
			const label = `${role} POST ${path}`;
			const post = (fields, origin = shop) => who.ask(path, { method: 'POST', body: new URLSearchParams(fields), headers: { origin } });
			const outside = role === 'visitor' && route.guard !== 'anyone';
			if (route.guard === 'signed') {
				assert.equal((await post({})).status, 400, label);
				continue;
			}
			if (route.guard === 'key') {
				assert.equal((await post({ csrf: tokens[role] })).status, 401, label);
				continue;
			}
			const csrf = tokens[role], others = { csrf: tokens[role === 'other' ? 'staff' : 'other'] };
			for (const answer of [await post({}), await post({ csrf: '' }), await post(others), await post({ csrf }, 'https://evil.example'), await post({ csrf }, 'null')])
				assert.equal(answer.status, outside ? 303 : 403, label);
			if (!['visitor', 'buyer'].includes(role) && (bodies[path] || /\{(number|id)\}/.test(route.path)) && !(role === 'staff' && route.zone === 'admin'))
				assert.equal((await post({ ...bodies[path], csrf })).status, route.zone === 'admin' ? 403 : 404, `${label} with the buyer’s ids`);
			const get = await who.get(path);
			if (!routes.some((one) => one.method === 'GET' && one.path === route.path))
				assert.equal(get.status, 405, `${role} GET ${path}`);
		}
	}
	assert.deepEqual(stored(), before);
	const good = await roles.staff.ask('/account/settings', { method: 'POST', body: new URLSearchParams({ csrf: tokens.staff, name: 'Tom', language: 'en' }), headers: { origin: shop } });
	assert.equal(good.status, 303, 'with all as it should be, it is taken');
	assert.notDeepEqual(stored(), before, 'and that is seen');
});

test('who says where he comes from, and behind which host, is not believed', async () => {
	const stranger = new Visitor('en');
	const csrf = /name="csrf" value="([^"]+)"/.exec((await stranger.get('/login')).text)[1];
	const lies = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9;host=evil.example', 'x-forwarded-host': 'evil.example', 'x-host': 'evil.example' };
	const answer = await stranger.ask('/login', { method: 'POST', body: new URLSearchParams({ csrf, next: '', email: 'hannah@demo.example', password: 'comptoir-demo' }),
		headers: { ...lies, origin: shop } });
	assert.equal(answer.status, 303);
	assert.ok(answer.location.startsWith(shop), 'a redirect stays with us');
	assert.equal(value('SELECT address FROM session ORDER BY created_at DESC LIMIT 1'), '127.0.0.1');
});
