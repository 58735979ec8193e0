// The storm: paid orders, their events one to five times in any order from 16 senders, the buyers on their return pages,
// while processes are killed. Short here; PROOF=1 is the whole of it. Afterwards every order has exactly its rights.
import assert from 'node:assert/strict';
import { execFileSync, execSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Visitor, broken_promises, double, sql, until, value } from './shop.mjs';

const whole = Boolean(process.env.PROOF);
const orders = whole ? 2500 : 60; // four events each
const kills = whole ? 200 : 12;
const run = process.env.RUN ?? 'run';
const products = ['nuit-bleue', 'rangement', 'lanterne', 'vendre-sans-crier'];

const victims = (pattern) => execSync(`pgrep -f '${pattern}' || true`, { encoding: 'utf8' }).split('\n').filter(Boolean).map(Number);

// One random process of this shop: a responder, the worker, an nginx worker; in the whole storm the database too.
async function kill_one(turn) {
	const here = process.cwd();
	if (whole && turn % 10 === 9) {
		execFileSync('sh', ['-c', `kill -9 $(cat ${run}/mariadb.pid)`]);
		await pause(100);
		return execFileSync('sh', ['tests/database.sh', 'start'], { stdio: 'inherit', env: { ...process.env, RUN: run } });
	}
	const found = victims(`^${here}/bin/(shop\\.fcgi|account\\.fcgi|hook\\.fcgi|worker)`);
	if (found.length)
		process.kill(found[Math.floor(Math.random() * found.length)], 'SIGKILL');
	await pause(60);
}

// A page that met a killed process answers 502 or 503: a person presses again.
async function again(ask) {
	for (let i = 0; ; i++) {
		const answer = await ask().catch(() => null);
		if (answer && answer.status < 500)
			return answer;
		assert.ok(i < 50, 'the shop does not come back');
		await pause(100);
	}
}

test('a storm loses nothing and doubles nothing', { timeout: whole ? 3600_000 : 120_000 }, async () => {
	const visitors = await Promise.all(['buyer@demo.example', 'hannah@demo.example'].map((email) => new Visitor('en').log_in(email)));
	const before = Number(value("SELECT COUNT(*) FROM event WHERE topic = 'order.paid'"));
	const first = value('SELECT COALESCE(MAX(id), 0) FROM orders');
	const mine = `o.id > ${first}`;
	await double('delivery', { mode: 'hold' });
	const sessions = [];
	for (let i = 0; i < orders; i += 4)
		sessions.push(...await Promise.all([0, 1, 2, 3].map((k) => visitors[k % 2].to_stripe(products[k]).then((going) => going.session))));
	assert.equal(new Set(sessions).size, orders);
	for (const session of sessions)
		await double('pay', { session });

	let storming = true;
	const killer = (async () => {
		for (let turn = 0; turn < kills && storming; turn++)
			await kill_one(turn);
	})();
	const looker = (async () => {
		const numbers = sql(`SELECT number FROM orders o WHERE ${mine} AND account_id = (SELECT id FROM account WHERE email = 'buyer@demo.example') LIMIT 40`).flat();
		for (let i = 0; storming && numbers.length; i++)
			await again(() => visitors[0].get(`/checkout/return/${numbers[i % numbers.length]}`));
	})();
	await double('release', { shuffle: true, duplicate_up_to: 4 });
	await double('delivery', { mode: 'normal' });
	await killer;
	await until('every order is paid', async () => {
		await double('retry', { wait_ms: 2000 });
		return value(`SELECT COUNT(*) FROM orders o WHERE ${mine} AND state = 'paid'`) === String(orders);
	}, whole ? 1800 : 60);
	storming = false;
	await looker;

	assert.equal(broken_promises(), 0);
	assert.equal(Number(value("SELECT COUNT(*) FROM event WHERE topic = 'order.paid'")) - before, orders, 'each was paid once');
	assert.equal(value(`SELECT COUNT(*) FROM orders o WHERE ${mine} AND o.review <> ''`), '0');
	assert.equal(value("SELECT COUNT(*) FROM (SELECT source, source_id, benefit_id, ordinal FROM entitlement GROUP BY 1, 2, 3, 4 HAVING COUNT(*) > 1) d"), '0');
	await until('one receipt for each', () => value(`SELECT COUNT(*) FROM mail m JOIN orders o ON m.unique_key = CONCAT('receipt:', o.number) WHERE ${mine} AND m.state = 'sent'`) === String(orders), whole ? 900 : 60);
	assert.equal(value("SELECT COUNT(*) FROM stripe_event WHERE state IN ('failed', 'dead')"), '0');
	console.log(`# storm: ${orders} orders, ${orders * 4} events one to five times, ${kills} kills: 0 lost, 0 double`);
});
