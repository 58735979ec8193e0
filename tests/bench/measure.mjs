// What a request costs: processor time of everything that had a part in it, counted around a fixed number of requests.
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { programs, run } from './stage.mjs';

const children_of = (parent) => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
	try {
		return Number(/\) . (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]) === parent;
	} catch {
		return false; // ended meanwhile
	}
});

// Microseconds that each thread of a process has run.
const thread_times = (pid) => readdirSync(`/proc/${pid}/task`).flatMap((task) => {
	try {
		return [[`${pid}/${task}`, Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]) / 1000]];
	} catch {
		return []; // ended meanwhile
	}
});

// Of a leader and the processes it watches.
const group_times = (pid) => new Map([pid, ...children_of(pid)].flatMap(thread_times));

// What threads have run since then. One that ended takes its time with it: connections are kept, so these are few.
const time_since = (before, after) => [...after].reduce((sum, [thread, time]) => sum + time - (before.get(thread) ?? 0), 0);

// Hundredths of a second since it started, ended threads included: for what opens connections.
export const process_time = (pid, fields = [11, 12]) => {
	const values = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
	return fields.reduce((sum, field) => sum + Number(values[field]), 0) * 10000;
};

// Bytes that a process has to itself, over all processes of a group: the largest.
export const private_memory = (pid) => Math.max(...children_of(pid).map((child) =>
	[...readFileSync(`/proc/${child}/smaps_rollup`, 'latin1').matchAll(/^Private_(?:Clean|Dirty): +(\d+)/gm)].reduce((sum, [, kb]) => sum + Number(kb), 0) * 1024));

export function request_file(name, requests) {
	const path = `${run}/${name}.requests`;
	writeFileSync(path, requests.map((text) => `${Buffer.byteLength(text)}\n${text}`).join(''));
	return path;
}
export const get = (path, cookie = '') => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: en\r\n${cookie ? `Cookie: ${cookie}\r\n` : ''}\r\n`;

// One block of requests: microseconds of each part per request, seconds by the clock, bytes of a page.
export async function block(stage, side, connections, count, rate = 0) {
	const parts = { nginx: stage.pids.nginx, program: side.pid, database: stage.pids.database };
	const times = () => Object.values(parts).map((pid) => (pid ? group_times(pid) : new Map()));
	const before = times();
	const { stdout } = await promisify(execFile)(programs.load, [stage.port, connections, count, side.requests, rate].map(String), { maxBuffer: 1 << 26 });
	const [[seconds, , bytes], answers] = stdout.trim().split('\n').map((line) => line.trim().split(' ').map(Number));
	const cost = { seconds, bytes, rate: count / seconds, times: answers };
	times().forEach((after, i) => { cost[Object.keys(parts)[i]] = time_since(before[i], after) / count; });
	cost.total = cost.nginx + cost.program + cost.database;
	return cost;
}

// A side asks the same requests over and over, or, where each must be new, has them made.
const made = (side, count) => (side.fresh ? { ...side, requests: side.fresh(count) } : side);

// All sides in turn, forwards and backwards, so that a machine that grows slower is as hard on one as on the other.
export async function rounds(stage, sides, { count, times, connections = 8 }) {
	const costs = sides.map(() => []);
	for (const side of sides)
		await block(stage, made(side, count), connections, Math.ceil((side.count ?? count) / 5));
	for (let round = 0; round < times; round++) {
		const order = sides.map((_, i) => i);
		for (const i of round % 2 ? order.reverse() : order)
			costs[i].push(await block(stage, made(sides[i], count), connections, sides[i].count ?? count));
	}
	return costs;
}

// What disturbs a measurement only adds to it: the lower quartile of costs, the upper one of rates, says most of the rest.
export const quartile = (numbers, upper = false) => [...numbers].sort((a, b) => (upper ? b - a : a - b))[numbers.length >> 2];

export const percentile = (numbers, part) => [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * part / 100))];

export function median(numbers) {
	const sorted = [...numbers].sort((a, b) => a - b), half = sorted.length >> 1;
	return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
