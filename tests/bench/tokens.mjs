// The API of module servers: does a ledger grow dearer with its past, and how fast is a module's question answered?
import { readFileSync } from 'node:fs';
import { event_request, kinds } from './event.mjs';
import { block, percentile, request_file, rounds } from './measure.mjs';
import { against } from './pages.mjs';
import { sql } from './stage.mjs';

const FEW = 800000, MANY = 900000, CONNECTIONS = 4, RATE = 200;
const key = `Bearer cpt_${'0'.repeat(43)}`;
const account_of = (id) => `account${String(id).padStart(15, '0')}`;
let asked = 0;

const get = (path) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${key}\r\n\r\n`;
function post(path, fields) {
	const body = JSON.stringify(fields);
	return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${key}\r\nIdempotency-Key: bench-${++asked}\r\n`
		+ `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
const balance = (id) => get(`/api/v1/tokens/balance?account=${account_of(id)}`);
const debit = (id) => post('/api/v1/tokens/debit', { account: account_of(id), amount: 1, note: 'a render' });
// By account and by token in turn: both are asked.
const who = (id, n) => (n % 2 ? { account: account_of(id), module: 'studio' } : { token: `ticket-${id}` });
const check = (id, n) => post('/api/v1/access/check', who(id, n));
const use = (id, n) => post('/api/v1/access/use', who(id, n));

// One request for each of `count`, accounts in turn.
const requests = (name, make, base, accounts, count) => request_file(name, Array.from({ length: count }, (_, n) => make(base + 1 + n % accounts, n)));

// Every debit has a key of its own, so each block has requests of its own.
async function flat(bench, name, make, accounts) {
	const { stage, plan } = bench, count = Math.ceil(1000 * plan.share);
	const sides = [['few', FEW], ['many', MANY]].map(([side, base]) => ({ pid: stage.pids.api, fresh: (n) => requests(`${side}`, make, base, accounts, n) }));
	const [few, many] = await rounds(stage, sides, { count, times: plan.times, connections: CONNECTIONS });
	bench.detail(`${name}, 1 past entry`, few);
	bench.detail(`${name}, 10,000 past entries`, many);
	against(bench, `${name}, account with 10,000 ÷ 1 past entries`, many, few, '≤', 1.1);
}

async function swift(bench, name, make, accounts) {
	const { stage, plan } = bench, count = Math.ceil(3000 * plan.share);
	const side = { pid: stage.pids.api, requests: requests('access', make, MANY, accounts, count) };
	await block(stage, side, CONNECTIONS, Math.ceil(count / 10), RATE);
	const { times } = await block(stage, { ...side, requests: requests('access', make, MANY, accounts, count) }, CONNECTIONS, count, RATE);
	bench.figure(`${name}, ${RATE} a second, ms (p50 ${(percentile(times, 50) / 1000).toFixed(2)}), p99`, percentile(times, 99) / 1000, '≤', 5);
}

// What the disk has in it: the least that can be stored, an event of no meaning, at the same rate. No goal.
async function least(bench) {
	const { stage, plan } = bench, count = Math.ceil(1000 * plan.share), { event } = kinds.find((kind) => kind.type === 'unknown type');
	const file = request_file('least', Array.from({ length: count }, (_, n) => event_request('/webhooks/stripe', event(900000 + n))));
	const { times } = await block(stage, { pid: stage.pids.hook, requests: file }, CONNECTIONS, count, RATE);
	bench.say(`  one row stored and committed, at the same rate: p50 ${(percentile(times, 50) / 1000).toFixed(2)} ms, p99 ${(percentile(times, 99) / 1000).toFixed(2)} ms`);
}

export async function tokens_section(bench) {
	const accounts = bench.plan.ledgers;
	sql(`SET @accounts = ${accounts};\n${readFileSync('tests/bench/seed_tokens.sql', 'utf8')}`);
	await flat(bench, 'balance', balance, accounts);
	await flat(bench, 'debit', debit, accounts);
	await swift(bench, 'access/check', check, accounts);
	await swift(bench, 'access/use', use, accounts);
	await least(bench);
	const wrong = Number(sql(`SELECT COUNT(*) FROM token_account a WHERE a.account_id > ${FEW} AND a.balance <> (SELECT SUM(l.remaining)
		FROM token_lot l WHERE l.account_id = a.account_id AND l.state = 'active')`));
	if (wrong)
		throw new Error(`${wrong} ledgers do not add up`);
}
