// Events of every kind, from 1, 4 and 16 senders, against a webhook that knows beforehand what to tell the database.
// Three copies of one database: in the first our program is told every event once and recorded, in the second it is measured,
// in the third floor_replay.c runs the recorded statements. All in one run, in pairs of blocks, through the same nginx.
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { event_request, kinds } from './event.mjs';
import { block, median, percentile, request_file } from './measure.mjs';
import { copy_database, hook_pool, replay_pool, run, seed_events, sql } from './stage.mjs';

const senders = [[1, 80], [4, 160], [16, 240]];
const BLOCK_SECONDS = 0.25, BLOCK_LEAST = 40, AT_ONCE = 1000, CONNECTIONS = 16;
const STAGED = 'comptoir_events', OURS = 'comptoir_events_ours', BARE = 'comptoir_events_bare';
const RECORD_FILE = `${run}/events.record`;

const needed = (plan) => (plan.hook_times + 1) * senders.reduce((sum, [, full]) => sum + Math.max(BLOCK_LEAST, Math.ceil(full * plan.share)), 0);

// Tells events in portions: a signature is good for five minutes only.
async function tell(stage, pid, path, events) {
	for (let from = 0; from < events.length; from += AT_ONCE) {
		const part = events.slice(from, from + AT_ONCE);
		await block(stage, { pid, requests: request_file('events', part.map((event) => event_request(path, event()))) }, CONNECTIONS, part.length);
	}
}

const pairs = (makers, numbers) => makers.map((make) => numbers.map((n) => () => make(n)));

// Ids far apart by table: one that turns up in a later statement is known for what it is.
function ids_apart(base) {
	const tables = sql(`SELECT table_name FROM information_schema.tables WHERE table_schema = '${base}' AND auto_increment IS NOT NULL ORDER BY 1`).trim().split('\n');
	sql(tables.map((table, i) => `ALTER TABLE ${table} AUTO_INCREMENT = ${(i + 1) * 1e10};`).join('\n'), base);
}

// The databases, what came before the events, and the record of the events: which one is about which order is fixed.
async function staged(bench) {
	const { stage, plan } = bench, count = needed(plan);
	const told = kinds.map((kind, i) => ({ ...kind, numbers: Array.from({ length: count }, (_, j) => i * count + j + 1), taken: 0 }));
	const first = told.findIndex((kind) => kind.subscription) * count + 1;
	sql('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
	rmSync(RECORD_FILE, { force: true });
	seed_events(STAGED, `SET @orders = ${count * kinds.length}, @subscriptions = ${first}`);
	const pid = hook_pool('record', STAGED, RECORD_FILE);
	for (const kind of told)
		for (const events of pairs(kind.before, kind.numbers))
			await tell(stage, pid, '/events/record', events);
	sql('TRUNCATE stripe_event', STAGED);
	for (const base of [OURS, BARE])
		copy_database(STAGED, base);
	for (const base of [STAGED, OURS, BARE])
		ids_apart(base);
	rmSync(`${RECORD_FILE}.sql`, { force: true });
	closeSync(openSync(RECORD_FILE, 'w'));
	for (const kind of told) {
		kind.bodies = kind.numbers.map((n) => kind.event(n)); // the very same in all three
		await tell(stage, pid, '/events/record', kind.bodies.map((body) => () => body));
	}
	sql('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
	return told;
}

function fresh(kind, side, count) {
	side.taken ??= {};
	const from = side.taken[kind.type] ?? 0;
	side.taken[kind.type] = from + count;
	return request_file(side.name, kind.bodies.slice(from, from + count).map((body) => event_request(side.path, body)));
}

async function compare(bench, kind, sides, [connections, full]) {
	const { stage, plan } = bench, costs = [[], []];
	let count = BLOCK_LEAST;
	for (let round = 0; round <= plan.hook_times; round++)
		for (const i of round % 2 ? [0, 1] : [1, 0]) {
			const cost = await block(stage, { ...sides[i], requests: fresh(kind, sides[i], count) }, connections, count);
			if (round)
				costs[i].push(cost);
			else if (!i) // the first warms, and tells how fast this machine is
				count = Math.ceil(Math.min(full * plan.share, Math.max(BLOCK_LEAST, cost.rate * BLOCK_SECONDS)));
		}
	bench.detail(`${kind.type}, ${connections} senders`, costs[0]);
	bench.detail(`bare, ${connections} senders`, costs[1]);
	const ratios = costs[0].map((cost, i) => cost.rate / costs[1][i].rate), work = median(costs[0].map((cost, i) => cost.total / costs[1][i].total));
	bench.figure(`${kind.type}, ${connections} sender${connections > 1 ? 's' : ''} ÷ bare (cost ${work.toFixed(2)})`, median(ratios), '≥', kind.goal ?? 0.8,
		`(${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`);
	return costs[0].flatMap((cost) => cost.times);
}

// Statements of one event as they were recorded, and the commit.
function round_trips(body) {
	const record = readFileSync(RECORD_FILE), { id } = JSON.parse(body);
	for (let at = 0; at < record.length; at += record.readUInt32LE(at))
		if (record.toString('latin1', at + 8, at + 8 + id.length + 1) === `${id}\0`)
			return record.readUInt32LE(at + 4) + 1;
	throw new Error(`${id} was not recorded`);
}

// The same but for the clock: what was decided a second later, such as to ask Stripe again, may be a row more.
function near(ours, bare) {
	const [[, what, count], [, other, others]] = [ours, bare].map((line) => /^(.*?)(\d*)$/.exec(line));
	return what === other && Math.abs(count - others) <= count / 1000;
}

// What was compared did the same: the same rows in every table, and no event that ended otherwise.
function same_end() {
	const tables = sql(`SELECT table_name FROM information_schema.tables WHERE table_schema = '${OURS}' AND table_name NOT IN ('throttle') ORDER BY 1`).trim().split('\n');
	const counts = (base) => sql(tables.map((table) => `SELECT '${table}', COUNT(*) FROM ${table};`).join('\n'), base);
	const states = (base) => sql(`SELECT type, state, COUNT(*) FROM stripe_event GROUP BY 1, 2; SELECT state, COUNT(*) FROM orders GROUP BY 1;
		SELECT kind, state, COUNT(*) FROM entitlement GROUP BY 1, 2; SELECT kind, state, COUNT(*) FROM token_lot GROUP BY 1, 2; SELECT SUM(balance) FROM token_account`, base);
	for (const what of [counts, states]) {
		const [ours, bare] = [what(OURS).split('\n'), what(BARE).split('\n')];
		const other = ours.flatMap((line, i) => (near(line, bare[i]) ? [] : [`${line} / ${bare[i]}`]));
		if (other.length)
			throw new Error(`after the same events the databases differ, ours / bare:\n${other.join('\n')}`);
	}
}

export async function hook_section(bench) {
	const { stage } = bench, told = await staged(bench), times = [];
	const sides = [{ name: 'events-ours', path: '/events/ours', pid: hook_pool('events_ours', OURS) },
		{ name: 'events-bare', path: '/events/bare', pid: replay_pool('events_bare', BARE, RECORD_FILE) }];
	for (const kind of told) {
		bench.say(`${kind.type}: ${round_trips(kind.bodies[0])} round trips to the database`);
		for (const connections of senders) {
			const all = await compare(bench, kind, sides, connections);
			if (connections[0] === 16)
				times.push(...all);
		}
	}
	bench.figure('events of all kinds from 16 senders, answer in ms, p99', percentile(times, 99) / 1000, '≤', 250);
	same_end();
}
