// The program alone: a page as plain CGI, from a program of one route (make single) as a host without FastCGI would have
// it, and the memory that a process keeps to itself.
import { spawnSync } from 'node:child_process';
import { private_memory, process_time, quartile } from './measure.mjs';
import { cookie } from './pages.mjs';
import { cgi_environment, program } from './stage.mjs';

const BATCHES = 12, RUNS = 20, CHILDREN = [13, 14]; // fields of /proc/self/stat: time of children that were waited for

// Milliseconds of processor time, start and connection and two queries included, the database's part too.
function cgi_cost(stage, route, path) {
	const env = cgi_environment(path, cookie(7));
	const time = () => process_time('self', CHILDREN) + process_time(stage.pids.database);
	return quartile(Array.from({ length: BATCHES }, () => {
		const before = time();
		for (let i = 0; i < RUNS; i++) {
			const { status, stdout } = spawnSync(program(route), { env });
			if (status || !stdout.toString().startsWith('Status: 200'))
				throw new Error(`plain CGI: ${stdout}`);
		}
		return (time() - before) / RUNS / 1000;
	}));
}

export async function program_section(bench) {
	const { stage, figure } = bench;
	figure('licences page as plain CGI, ms of processor time', cgi_cost(stage, 'account/licenses', '/account/licenses'), '≤', 5);
	figure('catalogue page as plain CGI, ms of processor time', cgi_cost(stage, 'shop/catalogue', '/'), '≤', 5);
	for (const zone of ['account', 'shop', 'hook'])
		figure(`private memory of a process of ${zone}, MB`, private_memory(stage.pids[zone]) / 1048576, '≤', 4);
}
