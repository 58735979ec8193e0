// Stripe's webhook: events of paid orders, each its own order, from 1, 4 and 16 senders; rates against the bare responder.
import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { event_request, order_paid } from './event.mjs';
import { block, median, request_file } from './measure.mjs';
import { run, sql } from './stage.mjs';

// Connections, and how many events a block has at most: fewer where the disk is slow, so that a block takes a quarter of a
// second. What comes from outside lasts longer: it falls on both blocks of a pair, and a pair is compared within itself.
const senders = [[1, 200], [4, 400], [16, 500]];
const BLOCK_SECONDS = 0.25, BLOCK_LEAST = 40;
let taken = 0;

export const hooks_needed = (plan) => 100 + 2 * (plan.hook_times + 1) * senders.reduce((sum, [, full]) => sum + Math.max(BLOCK_LEAST, Math.ceil(full * plan.share)), 0);

const fresh_events = (side, count) => request_file(side.name, Array.from({ length: count }, () => event_request(side.path, order_paid(++taken))));

// What one event makes the database do, values left out.
async function statements_of(stage, side) {
	const file = `${realpathSync(run)}/general.log`;
	rmSync(file, { force: true });
	sql(`SET GLOBAL general_log_file = '${file}'; SET GLOBAL general_log = 1`);
	await block(stage, { ...side, requests: fresh_events(side, 1) }, 1, 1);
	sql('SET GLOBAL general_log = 0');
	return [...readFileSync(file, 'utf8').matchAll(/\d (?:Execute|Query)\t(.*)/g)].map(([, text]) => text)
		.filter((text) => !/^SET |^USE |^SELECT DATABASE/i.test(text))
		.map((text) => text.replace(/TIMESTAMP'[^']*'|'(?:[^'\\]|\\.)*'|\b\d+\b|\bNULL\b/g, '?')).join('\n').toLowerCase();
}

async function same_statements(bench, sides) {
	const [ours, floor] = [await statements_of(bench.stage, sides[0]), await statements_of(bench.stage, sides[1])];
	if (ours !== floor)
		bench.say(`the bare webhook's statements are no longer ours: tests/bench/floor_hook_sql.h\n--- ours\n${ours}\n--- bare\n${floor}`);
	bench.say(`webhook of a paid order: ${ours.split('\n').length} round trips`);
}

export async function hook_section(bench) {
	const { stage, plan } = bench;
	const sides = [{ name: 'hook', path: '/webhooks/stripe', pid: stage.pids.hook }, { name: 'floor-hook', path: '/floor/hook', pid: stage.pids.floor_hook }];
	await same_statements(bench, sides);
	for (const [connections, full] of senders) {
		const costs = [[], []];
		let count = BLOCK_LEAST;
		for (let round = 0; round <= plan.hook_times; round++)
			for (const i of round % 2 ? [0, 1] : [1, 0]) {
				const cost = await block(stage, { ...sides[i], requests: fresh_events(sides[i], count) }, connections, count);
				if (round)
					costs[i].push(cost);
				else // the first warms, and tells how fast this machine is
					count = Math.ceil(Math.min(full * plan.share, Math.max(BLOCK_LEAST, cost.rate * BLOCK_SECONDS)));
			}
		bench.detail(`webhook, ${connections} senders`, costs[0]);
		bench.detail(`bare webhook, ${connections} senders`, costs[1]);
		const ratios = costs[0].map((cost, i) => cost.rate / costs[1][i].rate);
		bench.figure(`webhook, rate with ${connections} sender${connections > 1 ? 's' : ''} ÷ bare webhook`, median(ratios), '≥', 0.9,
			`(${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`);
		const work = median(costs[0].map((cost, i) => cost.total / costs[1][i].total));
		bench.say(`  processor time of an event, ${connections} sender${connections > 1 ? 's' : ''} ÷ bare webhook`.padEnd(62) + work.toFixed(2).padStart(7));
	}
	const paid = Number(sql("SELECT COUNT(*) FROM orders WHERE id > 100000 AND state = 'paid'"));
	const rights = Number(sql('SELECT COUNT(*) FROM entitlement WHERE order_id > 100000'));
	if (paid !== taken || rights !== 2 * taken)
		throw new Error(`${taken} events, but ${paid} paid orders and ${rights} rights`);
}
