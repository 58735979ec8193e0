// Sends events to the shop: signed, again and again until a 2xx, and as badly ordered as asked.

import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { realNow } from './clock.mjs';
import { randomText } from './ids.mjs';

export const sign = (secret, time, body) => createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');

export function signatureHeader(secrets, time, body) {
  return [`t=${time}`, ...secrets.map((secret) => `v1=${sign(secret, time, body)}`)].join(',');
}

const USUAL = { mode: 'normal', duplicate: 0, shuffle: false, delay_ms: 0, timestamp: 'real', seed: null };

export class Webhooks {
  #double;
  #store;
  #queue = [];
  #active = 0;
  #timers = new Map(); // delivery id -> timer of its next try
  #waiters = [];
  #byEvent = new Map(); // event id -> its deliveries
  #agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };
  #random = Math.random;

  constructor(double) {
    this.#double = double;
    this.#store = double.store;
    for (const delivery of this.#store.all('delivery')) this.#index(delivery);
  }

  #index(delivery) {
    const known = this.#byEvent.get(delivery.event);
    if (known) known.push(delivery);
    else this.#byEvent.set(delivery.event, [delivery]);
    return delivery;
  }

  get endpoints() {
    return this.#store.get('setting', 'endpoints') ?? this.#double.options.endpoints;
  }

  set endpoints(list) {
    this.#store.put('setting', 'endpoints', list);
  }

  get behaviour() {
    return { ...USUAL, ...this.#store.get('setting', 'delivery') };
  }

  set behaviour(values) {
    const merged = { ...this.behaviour, ...values };
    this.#store.put('setting', 'delivery', merged);
    this.#random = merged.seed === null ? Math.random : seeded(merged.seed);
  }

  wanting(type) {
    return this.endpoints.filter(({ events }) => !events || events.includes('*') || events.includes(type));
  }

  // One delivery per endpoint and copy.
  send(event) {
    const { mode, duplicate } = this.behaviour;
    for (const endpoint of this.wanting(event.type)) {
      for (let copy = 0; copy <= duplicate; copy += 1) this.#start(this.#record(event, endpoint, copy), mode);
    }
  }

  #record(event, endpoint, copy) {
    const delivery = {
      id: `whd_${randomText(16)}`, event: event.id, type: event.type, url: endpoint.url, copy,
      state: 'pending', attempts: [],
    };
    return this.#index(this.#save(delivery));
  }

  #save(delivery) {
    return this.#store.put('delivery', delivery.id, delivery);
  }

  #start(delivery, mode) {
    const { shuffle, delay_ms: delay } = this.behaviour;
    if (mode === 'hold') this.#settle(delivery, 'held');
    else if (mode === 'drop') this.#settle(delivery, 'dropped');
    else if (shuffle) this.#later(delivery, this.#random() * (delay || 100));
    else if (delay > 0) this.#later(delivery, delay);
    else this.#enqueue(delivery);
  }

  #settle(delivery, state) {
    delivery.state = state;
    this.#save(delivery);
    this.#wake();
  }

  #later(delivery, milliseconds) {
    delivery.state = 'pending';
    this.#save(delivery);
    const timer = setTimeout(() => this.#enqueue(delivery), milliseconds);
    this.#timers.set(delivery.id, timer);
  }

  #enqueue(delivery) {
    clearTimeout(this.#timers.get(delivery.id));
    this.#timers.delete(delivery.id);
    this.#queue.push(delivery);
    setImmediate(() => this.#pump());
  }

  #pump() {
    while (this.#active < this.#double.options.senders && this.#queue.length > 0) {
      this.#active += 1;
      this.#attempt(this.#queue.shift()).finally(() => {
        this.#active -= 1;
        this.#store.commit();
        this.#wake();
        this.#pump();
      });
    }
  }

  async #attempt(delivery) {
    const event = this.#store.get('event', delivery.event);
    const endpoint = this.endpoints.find(({ url }) => url === delivery.url);
    if (!event || !endpoint) {
      delivery.state = 'dropped';
      this.#save(delivery);
      return;
    }
    const body = JSON.stringify(event, null, 2);
    const time = this.behaviour.timestamp === 'clock' ? this.#double.clock.now() : realNow();
    const header = signatureHeader(endpoint.secrets, time, body);
    const started = Date.now();
    const answer = await post(endpoint.url, body, header, this.#double.options.webhookTimeoutMs, this.#agents);
    delivery.attempts.push({ at: time, ms: Date.now() - started, ...answer });
    this.#finish(delivery, event, answer.status >= 200 && answer.status < 300);
  }

  #finish(delivery, event, delivered) {
    // Emptied by a reset while the answer was under way.
    if (!this.#store.get('delivery', delivery.id)) return;
    if (delivered) {
      if (delivery.state !== 'delivered') this.#countDown(delivery, event);
      delivery.state = 'delivered';
    } else if (delivery.attempts.length >= this.#double.options.retryMax) {
      delivery.state = 'failed';
    } else {
      this.#later(delivery, this.#double.options.retryBaseMs * 2 ** (delivery.attempts.length - 1));
    }
    this.#save(delivery);
  }

  #countDown(delivery, event) {
    const seen = this.#deliveriesOf(event.id)
      .some((other) => other.url === delivery.url && other.state === 'delivered');
    if (seen || event.pending_webhooks === 0) return;
    event.pending_webhooks -= 1;
    this.#store.put('event', event.id, event);
  }

  // False if it is still to be delivered.
  forgetEvent(eventId) {
    const deliveries = this.#deliveriesOf(eventId);
    if (deliveries.some(({ state }) => state === 'pending' || state === 'held')) return false;
    for (const { id } of deliveries) this.#store.remove('delivery', id);
    this.#byEvent.delete(eventId);
    return true;
  }

  #deliveriesOf(eventId) {
    return this.#byEvent.get(eventId) ?? [];
  }

  // Everything held, in an order and a number of copies that may be asked for.
  release({ shuffle = false, duplicate = 0, duplicate_up_to: upTo = 0, seed = null, event, limit } = {}) {
    const random = seed === null ? this.#random : seeded(seed);
    const held = this.#store.all('delivery')
      .filter((delivery) => delivery.state === 'held' && (!event || delivery.event === event))
      .slice(0, limit);
    const extra = () => duplicate + Math.floor(random() * (upTo + 1));
    const copies = held.flatMap((delivery) => [delivery, ...this.#copies(delivery, extra())]);
    if (shuffle) shuffleInPlace(copies, random);
    for (const delivery of copies) {
      delivery.state = 'pending';
      this.#save(delivery);
      this.#enqueue(delivery);
    }
    return copies;
  }

  #copies(delivery, count) {
    return Array.from({ length: count }, (_, i) => this.#index(this.#save({
      ...delivery, id: `whd_${randomText(16)}`, copy: delivery.copy + i + 1, attempts: [],
    })));
  }

  // Tries at once what waits for its next try.
  retryNow() {
    const waiting = [...this.#timers.keys()].map((id) => this.#store.get('delivery', id)).filter(Boolean);
    for (const delivery of waiting) this.#enqueue(delivery);
    return waiting;
  }

  // After a restart: what had not been delivered is tried again.
  resume() {
    for (const delivery of this.#store.all('delivery')) {
      if (delivery.state === 'pending') this.#enqueue(delivery);
    }
  }

  forget() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#queue.length = 0;
    this.#byEvent.clear();
  }

  stop() {
    this.forget();
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  // Until the condition holds, at most so long.
  until(condition, milliseconds) {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = { condition, resolve };
      waiter.timer = setTimeout(() => this.#release(waiter, false), milliseconds);
      this.#waiters.push(waiter);
    });
  }

  #release(waiter, result) {
    clearTimeout(waiter.timer);
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    waiter.resolve(result);
  }

  #wake() {
    for (const waiter of [...this.#waiters]) if (waiter.condition()) this.#release(waiter, true);
  }

  untilAnswered(eventId, milliseconds) {
    const mine = this.#deliveriesOf(eventId).filter(({ state }) => state === 'pending');
    return this.until(() => mine.every(({ attempts, state }) => attempts.length > 0 || state !== 'pending'), milliseconds);
  }

  untilIdle(milliseconds) {
    return this.until(() => this.#active === 0 && this.#queue.length === 0, milliseconds);
  }

  summary() {
    const counts = { pending: 0, held: 0, dropped: 0, delivered: 0, failed: 0 };
    for (const { state } of this.#store.all('delivery')) counts[state] += 1;
    return counts;
  }
}

function post(url, body, signature, timeout, agents) {
  const target = new URL(url);
  const client = target.protocol === 'https:' ? https : http;
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    accept: '*/*; q=0.5, application/xml',
    'cache-control': 'no-cache',
    'stripe-signature': signature,
  };
  return new Promise((resolve) => {
    const request = client.request(target, { method: 'POST', headers, timeout, agent: agents[target.protocol] });
    request.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode }));
      response.on('error', (error) => resolve({ status: 0, error: error.code ?? error.message }));
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error) => resolve({ status: 0, error: error.code ?? error.message }));
    request.end(body);
  });
}

function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function shuffleInPlace(items, random) {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
}
