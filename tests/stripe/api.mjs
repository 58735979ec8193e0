// One request to /v1: key, version, outage, idempotency, handler, answer.

import { ApiError, errors } from './errors.mjs';
import { expanded } from './expand.mjs';
import { BadForm, decodeForm } from './form.mjs';
import { newId } from './ids.mjs';
import { findRoute } from './routes.mjs';

const json = (body) => `${JSON.stringify(body, null, 2)}\n`;

export async function answerApi(double, request, response, url, body) {
  const call = { double, id: newId('req'), method: request.method, path: url.pathname, key: request.headers['idempotency-key'] };
  const strike = double.outage.strike(url.pathname);
  const result = await work(call, request, url, body, strike);
  if (result === 'close') return request.socket.destroy();
  if (result === 'hang') return undefined;
  double.store.commit();
  send(call, response, result);
  return undefined;
}

async function work(call, request, url, body, strike) {
  try {
    authorise(call.double, request.headers.authorization);
    call.version = versionOf(call.double, request.headers['stripe-version']);
    const fault = strike.before?.();
    if (fault) return fault;
    call.params = paramsOf(request, url, body);
    return await once(call, strike);
  } catch (error) {
    return failure(error);
  }
}

function paramsOf(request, url, body) {
  try {
    return decodeForm(request.method === 'POST' ? body : url.search.slice(1));
  } catch (error) {
    if (error instanceof BadForm) throw errors.invalid(error.message);
    throw error;
  }
}

// Keys only mean something on POST.
async function once(call, strike) {
  if (call.method !== 'POST' || !call.key) return after(carriedOut(call, strike), strike);
  const kept = call.double.idempotency.begin(call);
  if (kept) return { ...kept, replayed: true };
  try {
    const result = carriedOut(call, strike);
    if (result.keep) call.double.idempotency.keep(call, result);
    call.double.store.commit();
    return await after(result, strike);
  } finally {
    call.double.idempotency.finish(call);
  }
}

async function after(result, strike) {
  const what = strike.after?.();
  if (what === 'wait') await new Promise((resolve) => { setTimeout(resolve, strike.delay).unref(); });
  return what === 'close' ? 'close' : result;
}

const carriedOut = (call, strike) => (strike.instead ? failure(strike.instead()) : run(call));

function run(call) {
  try {
    const route = findRoute(call.method, call.path);
    if (!route) throw errors.unknownUrl(call.method, call.path);
    call.double.request = { id: call.id, idempotency_key: call.key ?? null };
    const result = route.handler({ ...call, args: route.args });
    return { status: 200, body: render(call.double, result, call.params.expand), keep: true };
  } catch (error) {
    return failure(error);
  } finally {
    call.double.request = null;
  }
}

function render(double, result, paths) {
  const { expand: _, ...object } = result;
  return expanded(double, structuredClone(object), paths);
}

function failure(error) {
  const known = error instanceof ApiError ? error : errors.internal();
  if (known !== error) console.error(error);
  return { status: known.status, body: { error: known.error }, headers: known.headers, keep: known.stored };
}

function send(call, response, { status, body, headers = {}, replayed = false, request = call.id }) {
  const echoed = call.key && call.method === 'POST'
    ? { 'idempotency-key': call.key, 'original-request': request, ...(replayed ? { 'idempotent-replayed': 'true' } : {}) }
    : {};
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': call.id,
    'stripe-version': call.version ?? call.double.options.apiVersion,
    ...echoed,
    ...headers,
  });
  response.end(json(body));
}

function authorise(double, header) {
  const key = keyOf(header);
  if (!key) throw errors.noKey();
  const right = double.options.key ? key === double.options.key : /^(sk|rk)_test_\w+$/.test(key);
  if (!right) throw errors.badKey(key);
}

function keyOf(header = '') {
  const [scheme, value = ''] = header.split(' ');
  if (/^bearer$/i.test(scheme)) return value;
  if (/^basic$/i.test(scheme)) return Buffer.from(value, 'base64').toString().split(':')[0];
  return '';
}

function versionOf(double, version) {
  if (version === undefined) return double.options.apiVersion;
  if (/^\d{4}-\d{2}-\d{2}(\.\w+)?$/.test(version)) return version;
  throw errors.invalid(`Invalid Stripe API version: ${version}`);
}
