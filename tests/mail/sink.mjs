// The mail sink of a development shop: takes every mail over SMTP, shows it on a web page, sends nothing anywhere.
//
//	node tests/mail/sink.mjs --smtp 8083 --web 8082 --folder run/mail [--style http://127.0.0.1:8080/static/x/style.css]
//
// GET / lists the mails, /N shows one, /api/mails gives them as JSON (newest first; tests read that).
import { createServer as tcpServer } from 'node:net';
import { createServer as webServer } from 'node:http';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: {
	smtp: { type: 'string', default: '8083' }, web: { type: 'string', default: '8082' },
	folder: { type: 'string', default: 'run/mail' }, style: { type: 'string', default: '' } } });
mkdirSync(options.folder, { recursive: true });
let mails = readdirSync(options.folder).filter((name) => name.endsWith('.json'))
	.map((name) => JSON.parse(readFileSync(`${options.folder}/${name}`, 'utf8'))).sort((a, b) => a.id - b.id);

const newest = () => [...mails].reverse(); // toReversed() is not in Debian's Node yet
const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

// RFC 2047 words and the two transfer encodings that mail programs use.
const word = (_, charset, kind, text) => (kind.toUpperCase() === 'B' ? Buffer.from(text, 'base64')
	: quoted(text.replace(/_/g, ' '))).toString(/8859/.test(charset) ? 'latin1' : 'utf8');
const header = (text) => text.replace(/\?=\s+=\?/g, '?==?').replace(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi, word);
function quoted(text) {
	const bytes = text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
	return Buffer.from(bytes, 'latin1');
}

function mail_read(raw, recipients) {
	const at = raw.indexOf('\r\n\r\n');
	const headers = {};
	for (const line of raw.slice(0, at).replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
		const colon = line.indexOf(':');
		headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
	}
	const body = raw.slice(at + 4), encoding = (headers['content-transfer-encoding'] ?? '').toLowerCase();
	const bytes = encoding === 'base64' ? Buffer.from(body, 'base64')
		: encoding === 'quoted-printable' ? quoted(body) : Buffer.from(body, 'latin1');
	return { id: (mails.at(-1)?.id ?? 0) + 1, at: new Date().toISOString(), to: recipients, from: header(headers.from ?? ''),
		subject: header(Buffer.from(headers.subject ?? '', 'latin1').toString('utf8')), message_id: headers['message-id'] ?? '',
		text: bytes.toString('utf8').replace(/\r\n/g, '\n') };
}

function keep(raw, recipients) {
	const mail = mail_read(raw, recipients);
	mails.push(mail);
	writeFileSync(`${options.folder}/${mail.id}.json`, JSON.stringify(mail, null, '\t'));
}

// RFC 5321, as far as a client of ours goes: no authentication, no TLS, one message after another.
tcpServer((socket) => {
	let buffer = '', data = null, recipients = [];
	const say = (line) => socket.write(`${line}\r\n`);
	const commands = {
		EHLO: () => say('250-sink\r\n250 8BITMIME'), HELO: () => say('250 sink'), NOOP: () => say('250 ok'),
		MAIL: () => { recipients = []; say('250 ok'); },
		RCPT: (line) => { recipients.push(/<([^>]*)>/.exec(line)?.[1] ?? ''); say('250 ok'); },
		RSET: () => { recipients = []; say('250 ok'); },
		DATA: () => { data = []; say('354 go on'); }, QUIT: () => { say('221 bye'); socket.end(); } };
	function line_take(line) {
		if (data === null)
			return (commands[line.slice(0, 4).toUpperCase()] ?? (() => say('502 unknown')))(line);
		if (line !== '.')
			return data.push(line.startsWith('.') ? line.slice(1) : line);
		keep(data.join('\r\n'), recipients);
		data = null;
		say('250 kept');
	}
	socket.setEncoding('latin1');
	socket.on('error', () => {});
	socket.on('data', (chunk) => {
		buffer += chunk;
		for (let end; (end = buffer.indexOf('\r\n')) >= 0; buffer = buffer.slice(end + 2))
			line_take(buffer.slice(0, end));
	});
	say('220 sink');
}).listen(Number(options.smtp), '127.0.0.1');

const page = (title, main) => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
${options.style ? `<link rel="stylesheet" href="${escape(options.style)}">` : ''}</head><body>
<header class="site-head"><div class="wide counter"><a class="wordmark" href="/">Mail sink</a></div></header>
<main id="main" class="wide"><h1>${escape(title)}</h1>${main}</main></body></html>`;
const list = () => mails.length === 0 ? '<p>No mail yet.</p>' : `<ul class="plain">${newest().map((mail) =>
	`<li><a href="/${mail.id}">${escape(mail.subject)}</a><br><small>${escape(mail.to.join(', '))} · ${mail.at}</small></li>`).join('')}</ul>`;
const linked = (text) => escape(text).replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
const one = (mail) => `<p><small>From ${escape(mail.from)}<br>to ${escape(mail.to.join(', '))}<br>${mail.at}</small></p>
<pre class="mail" style="white-space: pre-wrap; overflow-wrap: anywhere">${linked(mail.text)}</pre><p><a href="/">All mails</a></p>`;

webServer((request, response) => {
	const path = new URL(request.url, 'http://sink').pathname;
	const mail = mails.find((m) => `/${m.id}` === path);
	const send = (status, type, body) => response.writeHead(status, { 'content-type': type }).end(body);
	if (path === '/api/mails')
		return send(200, 'application/json', JSON.stringify(newest()));
	if (path === '/')
		return send(200, 'text/html; charset=utf-8', page('Mails', list()));
	return mail ? send(200, 'text/html; charset=utf-8', page(mail.subject, one(mail)))
		: send(404, 'text/html; charset=utf-8', page('No such mail', '<p><a href="/">All mails</a></p>'));
}).listen(Number(options.web), '127.0.0.1', () => console.log(`mail sink on http://127.0.0.1:${options.web}/`));
for (const signal of ['SIGTERM', 'SIGINT'])
	process.on(signal, () => process.exit(0));
