// What the tests share: a double, a shop that receives its events, and plain requests to both.

import http from 'node:http';
import { startDouble } from './server.mjs';

export const SECRET = 'whsec_testDoubleSecret';

// Ends everything when the test ends. `answer` decides the shop's status for each delivery.
export async function scene(t, options = {}) {
  const shop = await startShop();
  const double = await startDouble({
    port: 0, retryBaseMs: 5, redirectWaitMs: 500,
    endpoints: [{ url: `${shop.url}/webhooks/stripe`, secrets: [SECRET] }],
    ...options,
  });
  t.after(async () => {
    await double.stop();
    await shop.stop();
  });
  return { double, shop, ...client(double) };
}

async function startShop() {
  const shop = { got: [], answer: () => 200, waiting: [] };
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const delivery = { headers: request.headers, body, event: JSON.parse(body) };
    shop.got.push(delivery);
    response.writeHead(await shop.answer(delivery, shop.got.length));
    response.end();
    for (const check of [...shop.waiting]) check();
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  shop.url = `http://127.0.0.1:${server.address().port}`;
  shop.stop = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  shop.types = () => shop.got.map(({ event }) => event.type);
  shop.of = (type) => shop.got.filter(({ event }) => event.type === type);
  shop.until = (condition, why = 'deliveries') => until(shop, condition, why);
  shop.untilType = (type, count = 1) => shop.until(() => shop.of(type).length >= count, type);
  return shop;
}

function until(shop, condition, why) {
  return new Promise((resolve, reject) => {
    const done = (how, value) => {
      shop.waiting = shop.waiting.filter((other) => other !== check);
      clearTimeout(timer);
      how(value);
    };
    const check = () => condition() && done(resolve);
    const timer = setTimeout(() => done(reject, new Error(`waited in vain for ${why}; got ${shop.types()}`)), 5000);
    shop.waiting.push(check);
    check();
  });
}

// {a: {b: 1}, c: [2]} -> a[b]=1&c[0]=2
export function encode(value, name = '') {
  if (value === null || typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, item]) => encode(item, name === '' ? key : `${name}[${key}]`));
}

function client(double) {
  const call = async (method, path, { params = {}, headers = {}, key = 'sk_test_double', body } = {}) => {
    const text = body ?? new URLSearchParams(encode(params)).toString();
    const query = method === 'POST' || text === '' ? '' : `?${text}`;
    const response = await fetch(`${double.url}${path}${query}`, {
      method,
      headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers },
      ...(method === 'POST' ? { body: text } : {}),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const control = async (name, given = {}) => {
    const response = await fetch(`${double.url}/_double/${name}`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(given),
    });
    return { status: response.status, body: await response.json() };
  };
  const post = (path, params, how) => call('POST', `/v1/${path}`, { params, ...how });
  const get = (path, params, how) => call('GET', `/v1/${path}`, { params, ...how });
  const newSession = async (more = {}) => (await post('checkout/sessions', sessionParameters(more))).body;
  return { call, control, post, get, newSession, form: (path, fields) => submit(double, path, fields) };
}

export const sessionParameters = (more = {}) => ({
  mode: 'payment',
  success_url: 'https://shop.example.com/thanks?session_id={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example.com/cancel',
  client_reference_id: 'ord_1',
  line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 1900, product_data: { name: 'Field Guide & Map' } } }],
  metadata: { order_id: 'ord_1' },
  payment_intent_data: { metadata: { order_id: 'ord_1' } },
  ...more,
});

export const subscriptionParameters = (more = {}, price = {}) => ({
  mode: 'subscription',
  success_url: 'https://shop.example.com/thanks?session_id={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example.com/cancel',
  client_reference_id: 'ord_2001',
  line_items: [{
    quantity: 1,
    price_data: { currency: 'eur', unit_amount: 990, recurring: { interval: 'month' }, product_data: { name: 'Reading Club' }, ...price },
  }],
  metadata: { order_id: 'ord_2001', user_id: 'u_club' },
  ...more,
  subscription_data: { metadata: { plan: 'club-monthly', user_id: 'u_club' }, ...more.subscription_data },
});

// A scene with a paid subscription whose events are only in the list: quick, and in order.
export async function subscribed(t, more = {}, { price, pay = {}, options } = {}) {
  const place = await scene(t, options);
  await place.control('delivery', { mode: 'drop' });
  const { body: session } = await place.post('checkout/sessions', subscriptionParameters(more, price));
  const { body: { session: done } } = await place.control('pay', { session: session.id, ...pay });
  const current = async () => (await place.get(`subscriptions/${done.subscription}`)).body;
  const events = (...types) => place.double.store.all('event').filter(({ type }) => types.length === 0 || types.includes(type));
  const advance = (days) => place.control('clock', { advance: Math.round(days * 86_400) });
  return { ...place, session: done, id: done.subscription, subscription: await current(), current, events, advance };
}

async function submit(double, path, fields) {
  const response = await fetch(`${double.url}${path}`, {
    method: fields ? 'POST' : 'GET', redirect: 'manual',
    headers: { 'accept-language': 'fr-FR,fr;q=0.9' },
    ...(fields ? { body: new URLSearchParams(fields) } : {}),
  });
  return { status: response.status, location: response.headers.get('location'), text: await response.text() };
}

export const card = (number, more = {}) => ({
  action: 'pay', method: 'card', email: 'ada@example.com', name: 'Ada Example', card_number: number, card_expiry: '12/39',
  card_cvc: '123', ...more,
});

export const debit = (iban) => ({ action: 'pay', method: 'sepa_debit', email: 'ada@example.com', name: 'Ada Example', iban });
