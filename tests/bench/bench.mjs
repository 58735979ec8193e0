// make bench: what a request costs, as ratios within one run. Never fails on a miss: machines are noisy.
// --quick: fewer requests and a smaller large table. --verbose: microseconds behind the ratios, too. --part=hook: one part.
import { mkdirSync, writeFileSync } from 'node:fs';
import { hook_section } from './hook.mjs';
import { pages_section } from './pages.mjs';
import { tokens_section } from './tokens.mjs';
import { program_section } from './program.mjs';
import { year_section } from './year.mjs';
import { mariadb, run, stage_start, stage_stop } from './stage.mjs';

const quick = process.argv.includes('--quick'), verbose = process.argv.includes('--verbose');
const part = process.argv.find((word) => word.startsWith('--part='))?.slice(7);
const parts = { pages: pages_section, hook: hook_section, tokens: tokens_section, year: year_section, program: program_section };
const plan = quick ? { licenses: 120000, times: 5, hook_times: 6, ledgers: 20, subscribers: Number(process.env.SUBSCRIBERS ?? 1000), share: 0.4 } : { licenses: 1000000, times: 15, hook_times: 12, ledgers: 50, subscribers: 10000, share: 1 };

if (part && !parts[part]) {
	console.error(`parts: ${Object.keys(parts).join(', ')}`);
	process.exit(2);
}
const lines = [];
const say = (line = '') => {
	console.log(line);
	lines.push(line);
};

// One figure beside its goal; spread: the least and most of the rounds.
function figure(name, value, sign, goal, spread = '') {
	const met = sign === '≤' ? value <= goal : value >= goal;
	say(`${name.padEnd(62)} ${value.toFixed(2).padStart(6)}  ${spread.padEnd(13)} goal ${sign} ${goal}  ${met ? 'pass' : 'MISS'}`);
}

// What stands behind the figures, for those who look for where the time goes.
function detail(name, costs) {
	if (!verbose)
		return;
	const mean = (part) => costs.reduce((sum, cost) => sum + cost[part], 0) / costs.length;
	say(`  ${name.padEnd(34)} µs: nginx ${mean('nginx').toFixed(0)} program ${mean('program').toFixed(0)} database ${mean('database').toFixed(0)}`
		+ ` total ${mean('total').toFixed(0)}; ${mean('rate').toFixed(0)}/s, ${costs[0].bytes} bytes`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.once(signal, () => stage_stop().finally(() => process.exit(130)));

let failed = false;
try {
	mkdirSync(run, { recursive: true });
	const stage = await stage_start(!part || part === 'pages' ? plan.licenses : 0);
	stage.pids.database = mariadb();
	const bench = { stage, plan, figure, detail, say };
	say(`ratios of one run${quick ? ' (QUICK: smaller tables, fewer requests)' : ''}; cost is processor time of nginx, program and database`);
	for (const name of part ? [part] : Object.keys(parts))
		await parts[name](bench);
} catch (error) {
	failed = true;
	console.error(process.env.TRACE ? error : error.message);
} finally {
	await stage_stop();
}
if (!failed && !part)
	writeFileSync(`${run}/../bench.txt`, lines.join('\n') + '\n');
process.exit(failed ? 1 : 0);
