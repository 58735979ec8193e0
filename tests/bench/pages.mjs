// Pages: the licences of a member against the bare page, in a small and a large table; shop pages with and without the cache.
import { get, quartile, request_file, rounds } from './measure.mjs';

export const cookie = (account) => `session=${String(account).padStart(43, '0')}`;
const member_pages = (name, path, accounts) => request_file(name, accounts.map((account) => get(path, cookie(account))));
const up_to = (n, from = 1) => Array.from({ length: n }, (_, i) => from + i);

// One side's cost divided by the other's, and what single rounds made of it.
function ratio(ours, theirs, part = 'total') {
	const ratios = ours.map((cost, i) => cost[part] / theirs[i][part]), of = (costs) => quartile(costs.map((cost) => cost[part]));
	return { value: of(ours) / of(theirs), spread: `(${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})` };
}

export function against(bench, name, ours, theirs, sign, goal, part) {
	const { value, spread } = ratio(ours, theirs, part);
	bench.figure(name, value, sign, goal, spread);
}

// The length of a page, asked for a few times.
const bytes_of = async (stage, side) => (await rounds(stage, [side], { count: 10, times: 1 }))[0][0].bytes;
// The bare page, cut or filled up to the length of ours.
const bare = (stage, name, bytes) => ({ pid: stage.pids.floor_page, requests: member_pages(`floor-${name}`, `/floor/page?bytes=${bytes}`, up_to(50)) });

async function licenses(bench) {
	const { stage, plan } = bench, { pids } = stage;
	const holders = (plan.licenses - 100000) / 20;
	const spread = up_to(Math.min(holders, 1000)).map((i) => Math.floor(i * holders / 1000) || i);
	const ours_side = { pid: pids.account, requests: member_pages('licenses', '/account/licenses', up_to(50)) };
	const sides = [
		bare(stage, 'licenses', await bytes_of(stage, ours_side)), ours_side,
		{ pid: pids.large, requests: member_pages('large', '/large/licenses', spread) },
		{ pid: pids.large, requests: member_pages('most', '/large/licenses', [holders + 1]) },
	];
	const costs = await rounds(stage, sides, { count: 1500 * plan.share, times: plan.times });
	['the bare page', 'licences, 1,000 in the table', `licences, ${plan.licenses} in the table`, 'licences, 100,000 in the account']
		.forEach((name, i) => bench.detail(name, costs[i]));
	const [floor, ours, large, most] = costs;
	against(bench, 'licences page ÷ bare page', ours, floor, '≤', 0.9);
	against(bench, 'licences page ÷ bare page, the program’s own share', ours, floor, '≤', 1.5, 'program');
	against(bench, `licences page, ${plan.licenses.toLocaleString('en')} ÷ 1,000 licences in the table`, large, ours, '≤', 1.1);
	against(bench, 'licences page, account with 100,000 ÷ with 20', most, large, '≤', 1.1);
}

// Uncached: nginx passes every request on, and the process may still keep the page for its second. Made anew: each request
// has an address of its own, so that nobody has kept it.
async function shop_page(bench, name, path) {
	const { stage, plan } = bench, { pids } = stage;
	const plain = { requests: request_file(`plain-${name}`, [get(`/plain/${name}.html`)]), count: 6000 * plan.share };
	const sides = [
		plain,
		{ pid: pids.shop, requests: request_file(`cached-${name}`, [get(path)]), count: 6000 * plan.share },
		{ pid: pids.shop, requests: request_file(`uncached-${name}`, [get(`/uncached/${name}`)]) },
		bare(stage, name, await bytes_of(stage, plain)),
		{ pid: pids.shop, requests: request_file(`anew-${name}`, up_to(3000).map((n) => get(`/uncached/${name}?n=${n}`))) },
	];
	const costs = await rounds(stage, sides, { count: 1000 * plan.share, times: plan.times });
	[`${name}, static file`, `${name}, cached`, `${name}, uncached`, 'bare page of as many bytes', `${name}, made anew`]
		.forEach((what, i) => bench.detail(what, costs[i]));
	against(bench, `${name} page through the cache ÷ static file`, costs[1], costs[0], '≤', 3);
	against(bench, `${name} page without nginx’s cache ÷ bare page`, costs[2], costs[3], '≤', 0.9);
	const anew = ratio(costs[4], costs[3]);
	bench.say(`${`${name} page made anew for every request ÷ bare page`.padEnd(62)} ${anew.value.toFixed(2).padStart(6)}  ${anew.spread}`);
}

export async function pages_section(bench) {
	await licenses(bench);
	await shop_page(bench, 'catalogue', '/');
	await shop_page(bench, 'product', '/product/product-7');
}
