// The double as a thing to start and stop, from the command line or from a test.

import http from 'node:http';
import { answerApi } from './api.mjs';
import { answerPage } from './checkout.mjs';
import { Clock } from './clock.mjs';
import { answerControl } from './control.mjs';
import { Due } from './due.mjs';
import { Idempotency } from './idempotency.mjs';
import { Outage } from './outage.mjs';
import { renderingOf } from './render.mjs';
import { Store } from './store.mjs';
import { Webhooks } from './webhook.mjs';

export const DEFAULTS = {
  port: 12111,
  apiVersion: '2026-04-22.dahlia',
  key: null,
  state: null,
  publicUrl: null,
  endpoints: [],
  redirectWaitMs: 2000,
  retryBaseMs: 1000,
  retryMax: 8,
  webhookTimeoutMs: 10_000,
  senders: 16,
};

const MAX_BODY = 1 << 20;

const AREAS = [
  [/^\/v1\//, answerApi],
  [/^\/_double\//, answerControl],
  [/^\//, answerPage],
];

export async function startDouble(given = {}) {
  const double = { options: { ...DEFAULTS, ...given }, request: null };
  double.store = new Store(double.options.state);
  double.clock = new Clock(double.store);
  double.rendering = renderingOf(double.store.get('setting', 'rendering') ?? double.options.apiVersion);
  double.outage = new Outage(double.store);
  double.idempotency = new Idempotency(double);
  double.webhooks = new Webhooks(double);
  double.due = new Due(double);
  // Connections are kept longer than a client may be too busy to see that one was closed.
  const server = http.createServer({ keepAliveTimeout: 120_000 }, (request, response) => answer(double, request, response));
  await listen(server, double.options.port);
  double.port = server.address().port;
  double.options.publicUrl ??= `http://127.0.0.1:${double.port}`;
  double.url = `http://127.0.0.1:${double.port}`;
  double.stop = () => stop(double, server);
  double.webhooks.resume();
  return double;
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

function stop(double, server) {
  double.due.stop();
  double.webhooks.stop();
  double.store.commit();
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

async function answer(double, request, response) {
  try {
    const url = new URL(request.url, double.options.publicUrl);
    const body = await read(request);
    const [, area] = AREAS.find(([pattern]) => pattern.test(url.pathname));
    await area(double, request, response, url, body);
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    console.error(error);
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
    response.end('The test double failed; see its log.\n');
  }
}

async function read(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MAX_BODY) throw new Error('Request body too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
