// A year in which no webhook arrived: monthly subscriptions billed twelve times by the double's clock, and what it takes the
// reconciler to make it all right. Counted on the clock of the wall, the double's own answers included.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { process_time } from './measure.mjs';
import { mariadb, run, seed_events, sql, tool_settings } from './stage.mjs';

const CHILDREN = [13, 14]; // fields of /proc/self/stat: time of children that were waited for
const BASE = 'comptoir_year', FIRST = 100000001, MONTHS = 12, KEY = 'sk_test_bench', NUMBER = 'SUBS-{n}';

async function double_start() {
	const child = spawn('node', ['--max-old-space-size=4096', 'tests/stripe/double.mjs', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
	for await (const line of createInterface(child.stdout)) {
		const at = /listening on (\S+)/.exec(line);
		if (at)
			return { child, url: `http://${at[1]}` };
	}
	throw new Error('the double of Stripe did not start');
}

const call = async (double, path, options) => {
	const answer = await fetch(double.url + path, options), value = await answer.json();
	if (!answer.ok)
		throw new Error(`${path}: ${JSON.stringify(value)}`);
	return value;
};
const control = (double, name, given) => call(double, `/_double/${name}`,
	{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(given) });

const month_later = (seconds, months) => {
	const date = new Date(seconds * 1000);
	date.setUTCMonth(date.getUTCMonth() + months);
	return Math.floor(date / 1000);
};

async function billed(double, count) {
	const { id } = await call(double, '/v1/prices', { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body: new URLSearchParams({
		currency: 'eur', unit_amount: 900, 'recurring[interval]': 'month', 'product_data[name]': 'Monthly' }) });
	await control(double, 'delivery', { mode: 'drop' });
	await control(double, 'subscription', { count, price: id, first: FIRST, metadata: { order_id: NUMBER } });
	const now = Math.floor(Date.now() / 1000);
	for (let month = 1; month <= MONTHS; month++)
		await control(double, 'clock', { set: month_later(now, month) + 7200 });
	return { price: id, ahead: month_later(now, MONTHS) + 7200 - now };
}

// A database of its own with so many orders that wait for their first payment, and a Stripe that billed them for a year and told
// nobody. end() stops what was started.
export async function a_year(base, count) {
	const double = await double_start(), end = async () => {
		double.child.kill();
		await once(double.child, 'exit');
	};
	try {
		return { conf: await year_made(base, count, double), end };
	} catch (error) {
		await end();
		throw error;
	}
}

async function year_made(base, count, double) {
	seed_events(base, `SET @orders = ${count}, @subscriptions = 1`);
	const { price, ahead } = await billed(double, count);
	sql(`UPDATE orders SET number = CONCAT('SUBS-', ${FIRST - 1} + id - 100000) WHERE id > 100000;
		DELETE FROM license; DELETE FROM entitlement; DELETE FROM order_line WHERE order_id <= 1000; DELETE FROM orders WHERE id <= 1000;
		UPDATE price SET stripe_price = '${price}' WHERE id = 1001; INSERT INTO reconcile (id, mark_at) VALUES (1, UTC_TIMESTAMP(6))`, base);
	const conf = tool_settings(base), clock = `${run}/year.clock`;
	writeFileSync(clock, String(ahead));
	writeFileSync(conf, `${readFileSync(conf, 'utf8')}stripe_key = ${KEY}\nstripe_api = ${double.url}\ntest_clock = ${process.cwd()}/${clock}\n`);
	return conf;
}

// What must have come of it, beside the promises that the tool itself counts: differences, or none.
export function year_wrong(base, count) {
	const periods = count * (MONTHS + 1);
	const wanted = { subscription_period: periods, "invoice WHERE source = 'period'": periods, "token_lot WHERE kind = 'quota'": periods,
		"invoice_line l JOIN invoice i ON i.id = l.invoice_id AND l.net = i.net": periods, "job WHERE reaction = 'invoice_print'": periods,
		"event WHERE topic = 'invoice.issued'": periods, "event WHERE topic = 'subscription.renewed'": periods - count,
		"entitlement WHERE source = 'period' AND public_id REGEXP '^[0-9A-Za-z]{22}$'": periods,
		"orders WHERE id > 100000 AND state = 'paid'": count, "subscription WHERE status = 'active' AND account_id > 0": count,
		'token_account WHERE balance = 3000': count, 'invariant WHERE broken <> 0': 0 };
	return Object.entries(wanted).map(([what, rows]) => [what, rows, Number(sql(`SELECT COUNT(*) FROM ${what}`, base))])
		.filter(([, rows, found]) => rows !== found).map(([what, rows, found]) => `${found} rows of ${what}, not ${rows}`);
}

export const tool = (conf, ...words) => execFileSync(`${process.env.BIN ?? 'bin'}/comptoir`, words,
	{ encoding: 'utf8', stdio: ['ignore', 'pipe', process.env.TRACE ? 'inherit' : 'ignore'], env: { ...process.env, COMPTOIR_CONF: conf } });
export const reconcile = (conf, ...words) => tool(conf, 'reconcile', ...words);

function measured(conf) {
	const from = process.hrtime.bigint(), before = process_time('self', CHILDREN) + process_time(mariadb());
	reconcile(conf);
	const work = (process_time('self', CHILDREN) + process_time(mariadb()) - before) / 1e6;
	return { seconds: Number(process.hrtime.bigint() - from) / 1e9, work };
}

export async function year_section(bench) {
	const count = bench.plan.subscribers;
	// What 10,000 subscribers leave in a year does not fit into the small server of the tests.
	sql('SET GLOBAL innodb_buffer_pool_size = 536870912, GLOBAL innodb_log_file_size = 268435456');
	const year = await a_year(BASE, count);
	try {
		const first = measured(year.conf), again = measured(year.conf);
		bench.figure(`a year of ${count.toLocaleString('en')} subscriptions reconciled, seconds`, first.seconds, '≤', 60 * count / 10000,
			`(again ${again.seconds.toFixed(1)})`);
		bench.say(`  processor time of the tool and the database: ${first.work.toFixed(1)} s`);
		const wrong = year_wrong(BASE, count);
		if (wrong.length)
			throw new Error(`a year of ${count} subscriptions: ${wrong.join('; ')}`);
	} finally {
		await year.end();
	}
}
