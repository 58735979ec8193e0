// The stage of the bench: a private database with its seeds, pools of processes, nginx with the shop's own settings.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

export const run = process.env.RUN ?? 'run/bench';
const bin = process.env.BIN ?? 'bin', build = process.env.BUILD ?? 'build';
export const secret = 'whsec_bench0000000000000000000000000';
export const programs = { load: `${build}/tests/bench/load`, page: `${build}/tests/bench/floor_page`,
	replay: `${build}/tests/bench/floor_replay`, record: `${build}/tests/bench/record.so` };

const started = [];
let here, sock, port;

const database = (...args) => execFileSync('sh', ['tests/database.sh', ...args], { encoding: 'utf8', env: { ...process.env, RUN: run }, stdio: ['ignore', 'pipe', 'inherit'] });
export const sql = (text, base = 'comptoir') => execFileSync('sh', ['tests/database.sh', 'sql', '-N', '-B'],
	{ encoding: 'utf8', input: `USE ${base};\n${text}`, env: { ...process.env, RUN: run }, stdio: ['pipe', 'pipe', 'inherit'] });

const setting = (zone, name) => new RegExp(`^${name} = (.*)$`, 'm').exec(readFileSync(`${run}/conf/${zone}.conf`, 'utf8'))?.[1];
export const mariadb = () => Number(readFileSync(`${run}/mariadb.pid`, 'utf8'));

// A free port of the loopback, picked by the system.
const port_free = () => new Promise((resolve) => {
	const server = createServer().listen(0, '127.0.0.1', () => {
		const { port } = server.address();
		server.close(() => resolve(port));
	});
});

// Settings of the zones: those of any private database, and a secret for the webhook.
function settings() {
	if (!setting('hook', 'stripe_webhook_secrets'))
		writeFileSync(`${run}/conf/hook.conf`, `stripe_webhook_secrets = ${secret}\n`, { flag: 'a' });
}

// The same settings for another database of the same server, in which a zone may do what it may do in the first: rights cost
// time, too. Gives the file of the settings.
function settings_of(base, zone) {
	const folder = `${run}/conf-${base}`, path = `${folder}/comptoir.conf`;
	rmSync(folder, { recursive: true, force: true });
	cpSync(`${run}/conf`, folder, { recursive: true });
	writeFileSync(path, readFileSync(path, 'utf8').replace(/^database_name = .*/m, `database_name = ${base}`));
	for (const name of readdirSync(folder))
		chmodSync(`${folder}/${name}`, 0o600);
	const rights = sql(`SHOW GRANTS FOR comptoir_${zone}@localhost`).split('\n').filter((line) => line.includes(' ON `comptoir`.'));
	sql(rights.map((line) => `${line.replace('`comptoir`', `\`${base}\``)};`).join('\n'), base);
	return realpathSync(path);
}

// For the operator's tool over another database.
export const tool_settings = (base) => settings_of(base, 'operator');

const schema = () => readdirSync('sql').filter((name) => /^\d.*\.sql$/.test(name)).sort().map((name) => readFileSync(`sql/${name}`, 'utf8')).join('\n');

function empty_database(base) {
	sql(`SET foreign_key_checks = 0; CREATE OR REPLACE DATABASE ${base} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
	sql(schema(), base);
}

// Another database with the same rows, under the schema's own keys and checks.
export function copy_database(from, to) {
	empty_database(to);
	const tables = sql(`SELECT table_name FROM information_schema.tables WHERE table_schema = '${to}' ORDER BY 1`).trim().split('\n');
	const columns = (table) => sql(`SELECT GROUP_CONCAT(column_name ORDER BY ordinal_position) FROM information_schema.columns
		WHERE table_schema = '${to}' AND table_name = '${table}' AND is_generated = 'NEVER'`).trim();
	sql(`SET foreign_key_checks = 0, unique_checks = 0;\n${tables.map((table) => {
		const names = columns(table);
		return `TRUNCATE ${table}; INSERT INTO ${table} (${names}) SELECT ${names} FROM ${from}.${table}; ANALYZE TABLE ${table};`;
	}).join('\n')}`, to);
}

// A database for events: the shop of the bench, and what they are about.
export function seed_events(base, values) {
	empty_database(base);
	sql(readFileSync('tests/bench/seed.sql', 'utf8'), base);
	sql(`${values};\n${readFileSync('tests/bench/seed_events.sql', 'utf8')}`, base);
	// Each table counts in a range of its own: which row an id in a recorded statement means is seen by its value.
	const counting = sql(`SELECT table_name FROM information_schema.tables WHERE table_schema = '${base}' AND auto_increment IS NOT NULL ORDER BY 1`);
	sql(counting.trim().split('\n').map((table, i) => `ALTER TABLE ${table} AUTO_INCREMENT = ${(i + 1) * 1000000000};`).join('\n'), base);
}

// The large table takes half a minute to fill: kept until schema, seed or size change.
function seed_large(licenses) {
	const seed = `SET @licenses = ${licenses};\n${readFileSync('tests/bench/seed_large.sql', 'utf8')}`;
	const stamp = createHash('sha256').update(schema() + seed).digest('hex'), stamp_file = `${run}/seed.stamp`;
	if (existsSync(stamp_file) && readFileSync(stamp_file, 'utf8') === stamp)
		return;
	rmSync(stamp_file, { force: true });
	empty_database('comptoir_large');
	sql(seed, 'comptoir_large');
	writeFileSync(stamp_file, stamp);
}

// What a program prints for one request when it is run as plain CGI.
export const cgi_environment = (path, cookie = '') => ({ PATH: '/usr/bin:/bin', COMPTOIR_CONF: `${run}/conf/comptoir.conf`,
	GATEWAY_INTERFACE: 'CGI/1.1', REQUEST_METHOD: 'GET', REQUEST_URI: path, HTTP_COOKIE: cookie, HTTP_ACCEPT_LANGUAGE: 'en' });
export const cgi = (zone, path, cookie) => execFileSync(`${bin}/${zone}.fcgi`, { env: cgi_environment(path, cookie), stdio: ['ignore', 'pipe', 'inherit'] });
export const program = (zone) => `${bin}/${zone}.fcgi`;

function background(command, args, env = {}) {
	const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
	started.push(child);
	return child;
}

// A pool of n processes behind one socket; gives the pid of what watches over them.
function pool(name, n, file, env) {
	rmSync(`${sock}/${name}.sock`, { force: true });
	return background('spawn-fcgi', ['-n', '-s', `${sock}/${name}.sock`, '-M', '0666', '-b', '1024', '--', '/usr/bin/multiwatch',
		'-f', String(n), '-r', '1000000', '-t', '1000', '--', realpathSync(file)], env).pid;
}

const floor = (base, zone) => ({ FLOOR_SOCKET: `${sock}/mariadb.sock`, FLOOR_DATABASE: base, FLOOR_PAGE: `${here}/page.http`, FLOOR_SECRET: secret,
	FLOOR_USER: setting(zone, 'database_user'), FLOOR_PASSWORD: setting(zone, 'database_password') });

// Our webhook over another database; what it says to it is written down once that file is there.
export const hook_pool = (name, base, record) => pool(name, 4, program('hook'), { COMPTOIR_CONF: settings_of(base, 'hook'),
	...(record ? { LD_PRELOAD: realpathSync(programs.record), RECORD_FILE: record } : {}) });
export function replay_pool(name, base, record) {
	settings_of(base, 'hook');
	return pool(name, 4, programs.replay, { ...floor(base, 'hook'), FLOOR_RECORD: record });
}

function pools(large) {
	const ours = { COMPTOIR_CONF: `${here}/conf/comptoir.conf` };
	return {
		shop: pool('shop', 4, program('shop'), ours),
		account: pool('account', 4, program('account'), ours),
		hook: pool('hook', 4, program('hook'), ours),
		api: pool('api', 4, program('api'), ours),
		large: large && pool('large', 4, program('account'), { COMPTOIR_CONF: settings_of('comptoir_large', 'account') }),
		floor_page: pool('floor_page', 4, programs.page, floor('comptoir', 'operator')),
	};
}

// Places beside the shop's own: the bare responders, the large table, pages around the cache, plain files of the same bytes.
function extra_locations(conf) {
	const part = (where, socket, more = '', uri = '$request_uri') => `location ${where} {
	limit_req zone=comptoir_shop burst=2000 nodelay;
	${more}
	fastcgi_pass unix:${sock}/${socket}.sock;
	${readFileSync(`${conf}/fastcgi.conf`, 'utf8').replace('$request_uri', uri)}
}\n`;
	return part('= /floor/page', 'floor_page')
		+ ['record', 'ours', 'bare'].map((name) => part(`= /events/${name}`, name === 'record' ? name : `events_${name}`, '', '/webhooks/stripe')).join('')
		+ part('= /large/licenses', 'large', '', '/account/licenses')
		+ part('= /uncached/catalogue', 'shop', '', '/') + part('= /uncached/product', 'shop', '', '/product/product-7')
		+ `location /plain/ { alias ${here}/plain/; default_type text/html; }\n`;
}

function nginx_conf() {
	const conf = `${here}/nginx/conf`;
	mkdirSync(conf, { recursive: true });
	for (const folder of ['body', 'fastcgi', 'proxy', 'uwsgi', 'scgi'])
		mkdirSync(`${here}/nginx/${folder}`, { recursive: true });
	const values = { RUN: here, CONF: conf, SOCK: sock, PORT: port, CACHE: `${here}/nginx/cache`, DATA: `${here}/data`,
		STATIC: `${process.cwd()}/templates/static`, LANGUAGE: 'en', USER: userInfo().uid === 0 ? 'user root;' : '', BURST: 2000 };
	for (const part of ['http', 'server', 'fastcgi', 'cache', 'run'])
		writeFileSync(`${conf}/${part}.conf`, readFileSync(`nginx/${part}.conf.in`, 'utf8')
			.replace('keepalive_timeout', 'keepalive_requests 1000000;\n\tkeepalive_timeout').replace(/@RATE_\w+@/g, '100000r/s').replace(/@(\w+)@/g, (_, name) => values[name]));
	const locations = execFileSync('nginx/locations.sh', ['shop', 'account', 'hook', 'api'].map(program), { encoding: 'utf8', env: { ...process.env, CONF: conf, BURST: '2000' } });
	writeFileSync(`${conf}/locations.conf`, locations + extra_locations(conf));
}

async function answers() {
	for (let tries = 0; tries < 100; tries++) {
		if (await fetch(`http://127.0.0.1:${port}/`).then((response) => response.ok, () => false))
			return;
		await pause(100);
	}
	throw new Error(`nginx does not answer; see ${run}/log/`);
}

// Starts everything; gives the port and the pids of those whose processor time is counted.
export async function stage_start(licenses) { // licenses 0: without the large table
	mkdirSync(`${run}/plain`, { recursive: true });
	here = realpathSync(run);
	database('reset');
	sock = realpathSync(`${run}/sock`);
	settings();
	sql(readFileSync('tests/bench/seed.sql', 'utf8'));
	if (licenses)
		seed_large(licenses);
	writeFileSync(`${run}/page.http`, cgi('account', '/account/licenses', `session=${'7'.padStart(43, '0')}`));
	for (const [name, path] of [['catalogue', '/'], ['product', '/product/product-7']])
		writeFileSync(`${run}/plain/${name}.html`, cgi('shop', path).toString('latin1').replace(/^[\s\S]*?\r\n\r\n/, ''), 'latin1');
	port = await port_free();
	nginx_conf();
	const pids = pools(licenses);
	pids.nginx = background('nginx', ['-p', here, '-c', `${here}/nginx/conf/run.conf`, '-e', `${here}/log/nginx.log`]).pid;
	await answers();
	return { port, pids };
}

// Stops what was started here: the leaders are told and waited for.
export async function stage_stop() {
	for (const child of started) {
		const ended = child.exitCode === null && child.signalCode === null ? new Promise((resolve) => child.once('exit', resolve)) : null;
		child.kill('SIGTERM');
		await ended;
	}
	started.length = 0;
	database('stop');
}
