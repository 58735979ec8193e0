// /_double/: what a test or a person may do that the real Stripe would not let them.

import { readFileSync } from 'node:fs';
import { cardOf, ibanOf } from './cards.mjs';
import { billingCall, failCard, render, subscriptionCall } from './control_billing.mjs';
import { find, need, only, Refused } from './control_check.mjs';
import { closeDispute, openDispute, updateDispute } from './dispute.mjs';
import { ApiError } from './errors.mjs';
import { sendHtml } from './html.mjs';
import { outageModes } from './outage.mjs';
import { paySession } from './payment.mjs';
import { settleRefund } from './refund.mjs';
import { expire } from './session.mjs';
import { renderingOf } from './render.mjs';
import { statusPage } from './status_page.mjs';
import { taxCall } from './tax.mjs';

async function clock(double, given) {
  const { advance, set } = only(given, 'advance', 'set');
  if (advance !== undefined) double.clock.advance(need(Number.isInteger(advance) && advance, 'advance: seconds'));
  if (set !== undefined) double.clock.set(need(Number.isInteger(set) && set, 'set: Unix seconds'));
  return { now: double.clock.now(), offset: double.clock.offset, done: double.due.run() };
}

const DELIVERY_MODES = ['normal', 'hold', 'drop'];

async function delivery(double, given) {
  only(given, 'mode', 'duplicate', 'shuffle', 'delay_ms', 'timestamp', 'seed');
  if (given.mode !== undefined) need(DELIVERY_MODES.includes(given.mode), `mode: ${DELIVERY_MODES.join(', ')}`);
  double.webhooks.behaviour = given;
  return double.webhooks.behaviour;
}

async function waitIdle(double, milliseconds) {
  double.store.commit();
  if (milliseconds) await double.webhooks.untilIdle(milliseconds);
  return double.webhooks.summary();
}

async function release(double, given) {
  const { wait_ms: wait, ...rest } = only(given, 'shuffle', 'duplicate', 'duplicate_up_to', 'seed', 'event', 'limit', 'wait_ms');
  const sent = double.webhooks.release(rest).map(({ id, event, type, copy }) => ({ id, event, type, copy }));
  return { sent, summary: await waitIdle(double, wait) };
}

async function retry(double, given) {
  const { wait_ms: wait } = only(given, 'wait_ms');
  const count = double.webhooks.retryNow().length;
  return { count, summary: await waitIdle(double, wait) };
}

async function resend(double, given) {
  const { event, wait_ms: wait } = only(given, 'event', 'wait_ms');
  double.webhooks.send(find(double, 'event', event));
  return { event, summary: await waitIdle(double, wait) };
}

function methodOf({ card = '4242424242424242', iban }) {
  const method = iban ? ibanOf(iban) : cardOf(card);
  return need(typeof method === 'object' && method, 'not a test number');
}

async function pay(double, given) {
  only(given, 'session', 'card', 'iban', 'email', 'name', 'wait_ms');
  double.due.check(given.session);
  const session = find(double, 'session', given.session);
  need(session.status === 'open', `session is ${session.status}`);
  need(!(given.iban && session.mode === 'subscription'), 'subscriptions are paid by card only');
  const buyer = { email: given.email ?? session.customer_details?.email ?? 'buyer@example.com', name: given.name ?? 'Test Buyer' };
  const { event, declined, challenge } = paySession(double, session, methodOf(given), buyer);
  double.store.commit();
  if (event && given.wait_ms) await double.webhooks.untilAnswered(event.id, given.wait_ms);
  return { session, event: event?.id ?? null, declined: declined ?? null, challenge: challenge ?? null };
}

async function expireNow(double, given) {
  const session = find(double, 'session', only(given, 'session').session);
  need(session.status === 'open', `session is ${session.status}`);
  return expire(double, session);
}

const OUTCOMES = ['succeeded', 'failed'];

async function settle(double, given) {
  const { session, outcome } = only(given, 'session', 'outcome');
  if (outcome !== undefined) need(OUTCOMES.includes(outcome), `outcome: ${OUTCOMES.join(', ')}`);
  find(double, 'session', session);
  need(double.store.get('due', session)?.what === 'settle', 'no bank debit under way');
  double.due.runNow(session, outcome ? { outcome } : {});
  return double.store.get('session', session);
}

function chargeOf(double, { charge, payment_intent: intent, session }) {
  if (charge) return find(double, 'charge', charge);
  const id = intent ?? find(double, 'session', session).payment_intent;
  return find(double, 'charge', find(double, 'payment_intent', id).latest_charge);
}

const CLOSED = ['won', 'lost', 'warning_closed', 'prevented'];

async function dispute(double, given) {
  only(given, 'charge', 'payment_intent', 'session', 'status', 'reason', 'amount', 'dispute', 'close');
  const known = given.dispute && find(double, 'dispute', given.dispute);
  if (known && !given.close) return updateDispute(double, known, need(given.status, 'status or close'));
  if (!given.close) return openDispute(double, chargeOf(double, given), given);
  need(CLOSED.includes(given.close), `close: ${CLOSED.join(', ')}`);
  return closeDispute(double, known ?? latestDispute(double, chargeOf(double, given)), given.close);
}

const latestDispute = (double, charge) =>
  need(double.store.all('dispute').findLast((one) => one.charge === charge.id), 'no dispute on this charge');

async function refundFail(double, given) {
  const { refund, reason } = only(given, 'refund', 'reason');
  double.due.remove(refund);
  return settleRefund(double, find(double, 'refund', refund), 'failed', reason);
}

async function outage(double, given) {
  only(given, 'mode', 'count', 'path', 'delay_ms');
  need(outageModes.includes(String(given.mode)), `mode: ${outageModes.join(', ')}`);
  double.outage.set(given);
  return double.outage.now;
}

async function events(double, given) {
  const { type, limit = 100 } = only(given, 'type', 'limit');
  const rows = double.store.all('event').filter((event) => !type || event.type === type).slice(-limit);
  return { events: rows, deliveries: double.store.all('delivery').slice(-limit * 4), summary: double.webhooks.summary() };
}

async function webhook(double, given) {
  only(given, 'url', 'secret', 'secrets', 'events', 'endpoints');
  const [old = {}] = double.webhooks.endpoints;
  const one = () => ({
    url: given.url ?? old.url,
    secrets: given.secrets ?? (given.secret ? [given.secret] : old.secrets),
    ...(given.events ? { events: given.events } : {}),
  });
  const endpoints = given.endpoints ?? [one()];
  for (const { url, secrets } of endpoints) need(url && secrets?.length > 0, 'each endpoint needs url and secrets');
  double.webhooks.endpoints = endpoints;
  return { endpoints };
}

async function wait(double, given) {
  const { wait_ms: milliseconds = 5000 } = only(given, 'wait_ms');
  return { summary: await waitIdle(double, milliseconds) };
}

async function reset(double, given) {
  only(given);
  double.webhooks.forget();
  double.due.forget();
  double.store.clear();
  double.rendering = renderingOf(double.options.apiVersion);
  return { ok: true };
}

const CALLS = {
  clock, delivery, release, retry, resend, pay, expire: expireNow, settle, dispute, refund_fail: refundFail, outage, events,
  webhook, wait, reset, billing: billingCall, fail_card: failCard, render, subscription: subscriptionCall, tax: taxCall,
};

const style = readFileSync(new URL('style.css', import.meta.url));

export async function answerControl(double, request, response, url, body) {
  const name = url.pathname.slice('/_double/'.length);
  if (request.method !== 'POST') return answerGet(double, response, name);
  const [status, answer] = await result(double, request, name, body);
  double.store.commit();
  response.writeHead(status, { 'content-type': 'application/json' });
  return response.end(`${JSON.stringify(answer, null, 2)}\n`);
}

function answerGet(double, response, name) {
  if (name === '') return sendHtml(response, statusPage(double));
  const known = name === 'style.css';
  response.writeHead(known ? 200 : 404, { 'content-type': known ? 'text/css' : 'text/plain' });
  return response.end(known ? style : 'Not found\n');
}

// JSON only: a page in a browser cannot send that to us unasked.
async function result(double, request, name, body) {
  const call = Object.hasOwn(CALLS, name) && CALLS[name];
  if (!call) return [404, { error: `unknown call; known: ${Object.keys(CALLS).join(', ')}` }];
  if (!/^application\/json/.test(request.headers['content-type'] ?? '')) return [415, { error: 'send application/json' }];
  try {
    return [200, await call(double, body === '' ? {} : JSON.parse(body))];
  } catch (error) {
    if (error instanceof Refused || error instanceof SyntaxError) return [400, { error: error.message }];
    if (error instanceof ApiError) return [error.status, { error: error.message }];
    throw error;
  }
}
