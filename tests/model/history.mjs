// One history: steps happen at Stripe, in the shop, to the clock and on the way between, and model and program must agree.

import assert from 'node:assert/strict';

import { Model } from './model.mjs';
import { normal } from './normal.mjs';
import { PLANS, PRODUCTS } from './shop.mjs';
import * as say from './events.mjs';
import { Stripe } from './stripe.mjs';

const clone = (value) => JSON.parse(JSON.stringify(value, (name, one) => (['pending', 'sent', 'told', 'subject'].includes(name) ? undefined : one)));

// Numbers from a seed (mulberry32), so that shrinking a history keeps its shuffles.
function numbers(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function shuffled(list, random) {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [copy[i], copy[j]] = [copy[j], copy[i]];
  }
  return copy;
}

export class History {
  constructor(program, { start, keepsFailed, givesUp }) {
    this.program = program;
    this.stripe = new Stripe({ now: start, keepsFailed, givesUp });
    this.model = new Model();
    this.keys = new Map();
    this.count = 0;
  }

  get now() {
    return this.stripe.now;
  }

  get subjects() {
    return this.stripe.subjects;
  }

  // Something of every subject's news is still on its way that the program heard in part: nobody can say what is right now.
  get ragged() {
    return this.subjects.some((one) => one.ragged);
  }

  pick(list, n) {
    return list.length ? list[n % list.length] : null;
  }

  ask(command) {
    this.touched ||= command.do !== 'state';
    return this.program.ask(command);
  }

  // What only happened at Stripe changes nothing here.
  async run(steps) {
    await this.ask({ do: 'reset', at: this.now });
    for (const step of steps) {
      this.touched = false;
      await this[step.do](step);
      if (this.touched) await this.check(step);
    }
    await this.deliverAll({ seed: steps.length });
    await this.check({ do: 'the end' });
    await this.jobs();
    await this.check({ do: 'jobs at the end' });
  }

  // ——— In the shop ———

  async order(price, quantity) {
    const session = `cs_${++this.count}`;
    const { number } = await this.ask({ do: 'order', price, quantity, session });
    return { number, session };
  }

  async buy({ product, quantity, how }) {
    const price = this.pick(Object.keys(PRODUCTS), product);
    if (this.subjects.length < 8) this.stripe.buy(price, quantity, how, await this.order(price, quantity));
  }

  async subscribe({ plan, trial }) {
    const mine = this.subjects.filter((one) => one.kind === 'subscription');
    const price = this.pick(Object.keys(PLANS), plan);
    const again = mine.some((one) => one.trialStart !== null); // a trial is once
    if (mine.length < 2) this.stripe.subscribe(price, again ? null : trial, await this.order(price, 1));
  }

  async debit({ share, key }) {
    if (this.ragged) return;
    const balance = this.model.ledger.balance(this.now);
    const amount = this.keys.get(key) ?? Math.max(1, Math.floor(balance * share));
    this.keys.set(key, amount);
    const answer = await this.ask({ do: 'debit', amount, key: `key ${key}` });
    const { outcome, balance: left, replayed } = this.model.ledger.debit(amount, key, this.now);
    assert.deepEqual(answer, { outcome, balance: left, replayed });
  }

  async use({ level }) {
    if (this.ragged) return;
    const { code } = await this.ask({ do: 'use', module: 'studio', level });
    assert.equal(code === 'open', this.model.chain.use(level, this.now) === 'open', `access to ${level}: the program says ${code}`);
  }

  async jobs() {
    if (this.ragged) return;
    await this.ask({ do: 'jobs' });
    this.model.jobs(this.subjects, this.now);
  }

  async regenerate() {
    assert.equal((await this.ask({ do: 'regenerate' })).created, 0, 'nothing was missing');
  }

  // ——— Time ———

  async wait({ seconds, near }) {
    const subscription = this.pick(this.subjects.filter((one) => one.kind === 'subscription' && one.status !== 'canceled'), 0);
    const edge = near !== null && subscription && subscription.periodEnd + near > this.now;
    this.stripe.advance(edge ? subscription.periodEnd + near : this.now + seconds);
    await this.ask({ do: 'clock', at: this.now });
  }

  // ——— At Stripe ———

  async bank({ pick, good }) {
    const one = this.pick(this.subjects.filter((each) => each.state === 'waiting'), pick);
    if (one) this.stripe.settleBank(one, good);
  }

  async refund({ pick, share }) {
    const one = this.pick(this.stripe.payments, pick);
    if (one) this.stripe.refund(one, share);
  }

  async refundFails({ pick }) {
    const one = this.pick(this.stripe.payments.filter((each) => each.refunds.length), pick);
    if (one) this.stripe.refundFails(one);
  }

  async dispute({ pick, inquiry }) {
    const one = this.pick(this.stripe.payments, pick);
    if (one) this.stripe.dispute(one, inquiry);
  }

  async disputeMoves({ pick, outcome }) {
    const one = this.pick(this.stripe.payments.filter((each) => each.disputes.length), pick);
    if (one) this.stripe.disputeMoves(one, outcome);
  }

  async card({ good }) {
    this.stripe.cardGood = good;
  }

  async shape({ shape }) {
    this.stripe.shape = shape;
  }

  async change({ pick, what, plan, on }) {
    const one = this.pick(this.subjects.filter((each) => each.kind === 'subscription'), pick);
    if (!one) return;
    const others = Object.keys(PLANS).filter((name) => what !== 'upgrade' || PLANS[name].amount > PLANS[one.plan].amount);
    if (what === 'upgrade' || what === 'downgrade') this.stripe[what](one, this.pick(others, plan));
    else this.stripe[what](one, on);
  }

  // ——— On the way ———

  async deliver({ pick, seed, part }) {
    const one = this.pick(this.subjects.filter((each) => each.pending.length), pick);
    if (one) await this.deliverTo(one, seed, part && one.kind === 'subscription');
  }

  async deliverAll({ seed }) {
    for (const one of this.subjects.filter((each) => each.pending.length || each.ragged)) await this.deliverTo(one, seed, false);
  }

  // Any order, each one to three times, with old news in between. All of it, or a part: the rest comes another time.
  async deliverTo(subject, seed, part) {
    const random = numbers(seed);
    const fresh = shuffled(subject.pending, random);
    const now = part ? fresh.slice(0, random(fresh.length)) : fresh;
    const old = shuffled(subject.sent, random).slice(0, random(3));
    const copies = [...now, ...old].flatMap((event) => Array(1 + (random(4) === 0) + (random(8) === 0)).fill({ do: 'event', event }));
    if (subject.payment?.taken && random(3) === 0) copies.push({ do: 'session', session: this.returned(subject) });
    const answers = await Promise.all(shuffled(copies, random).map((command) => this.ask(command)));
    for (const { taken } of answers) assert.ok(['applied', 'ignored', 'before', 'review'].includes(taken), `an event was ${taken}`);
    subject.pending = subject.pending.filter((event) => !now.includes(event));
    subject.sent.push(...now);
    subject.ragged = subject.pending.length > 0;
    if (!subject.ragged) await this.heard(subject);
  }

  // The return page asked, and was answered, at the same time.
  returned(subject) {
    return this.stripe.sessionOf(subject, { status: 'complete', payment_status: 'paid' });
  }

  async heard(subject) {
    subject.told = clone(subject);
    const { asks } = await this.ask({ do: 'state' });
    if (asks && subject.kind === 'subscription') {
      await this.ask({ do: 'subscription', subscription: say.subscription(subject, this.stripe.shape) });
    }
    this.model.hear(subject.told, this.now);
  }

  // ——— Do they agree? ———

  async check(step) {
    const state = await this.ask({ do: 'state' });
    this.sound(state);
    if (this.ragged) return;
    const lines = Object.fromEntries(state.ledger.map(({ kind, sum }) => [kind, sum]));
    try {
      assert.deepEqual(normal({ ...state, lines }, this.now), normal(this.model.state(this.subjects, this.now), this.now));
    } catch (error) {
      error.message = `after ${JSON.stringify(step)} at ${new Date(this.now * 1000).toISOString()}: ${error.message}`;
      throw error;
    }
  }

  // What must hold whatever was heard.
  sound(state) {
    const left = state.lots.filter((lot) => lot.state === 'active' && (lot.until === null || lot.until > this.now));
    assert.equal(state.balance, left.reduce((sum, lot) => sum + lot.remaining, 0), 'the balance is the sum of the lots');
    assert.equal(state.cached, state.ledger.reduce((sum, line) => sum + line.sum, 0), 'the ledger adds up');
    assert.ok(state.balance >= 0 && state.lots.every((lot) => lot.remaining >= 0 && lot.remaining <= lot.granted), 'nothing below zero');
    assert.equal(state.crooked + state.unapplied + state.lacking, 0, 'no crooked account, no event left, no right lost');
    assert.ok(state.accesses.every((one) => one.same), 'a right and its access say the same');
    for (const { order, key } of state.licenses) this.keep(order, key, state.licenses);
  }

  // A licence keeps its key.
  keep(order, key, licenses) {
    const count = licenses.filter((one) => one.order === order).length;
    const known = this.keys.get(order) ?? new Set();
    this.keys.set(order, known.add(key));
    assert.ok(known.size <= count, `a licence of ${order} has another key`);
  }
}
