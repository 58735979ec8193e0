// The program alone: a page as plain CGI, from a program of one route (make single) as a host without FastCGI would have
// it, and the memory that a process keeps to itself.
import { spawnSync } from 'node:child_process';
import { private_memory, process_time, quartile } from './measure.mjs';
import { cookie } from './pages.mjs';
import { cgi_environment, program, run } from './stage.mjs';

const BATCHES = 8, RUNS = 50, CHILDREN = [13, 14]; // fields of /proc/self/stat: time of children that were waited for

// Milliseconds of processor time, start and connection and two queries included, the database's part too. A shell starts
// them: it is small, as a web server's child is, and the time to make a copy of node would be counted.
function cgi_cost(stage, route, path) {
	const loop = `i=0; while [ $i -lt ${RUNS} ]; do i=$((i + 1)); ${program(route)} > ${run}/cgi.http || exit 1; done; head -1 ${run}/cgi.http`;
	const time = () => process_time('self', CHILDREN) + process_time(stage.pids.database);
	return quartile(Array.from({ length: BATCHES }, () => {
		const before = time();
		const { status, stdout } = spawnSync('sh', ['-c', loop], { env: cgi_environment(path, cookie(7)) });
		if (status || !stdout.toString().startsWith('Status: 200'))
			throw new Error(`plain CGI: ${stdout}`);
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
