// What the shop owes: the rules of rights, tokens and subscriptions said once more, from what truly happened. The model hears
// of a subject (a purchase, a subscription) when all its events have arrived, and never of single events: in which order and
// how often they came must not matter.

import { DAY, addMonths, monthOf } from './calendar.mjs';
import { PLANS, PRODUCTS } from './shop.mjs';

const GRACE = 7 * DAY;
const CHARGE = 3 * 3600; // a renewal is charged about an hour after its period began: the right lasts through that
const TRIAL_PERCENT = 10;
const IN_USE = ['active', 'trialing', 'past_due'];

const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
const latest = (list) => (list.length ? Math.max(...list) : null);
const byStart = (a, b) => a.start - b.start || a.end - b.end || (a.id < b.id ? -1 : 1);

// ——— What payments say: the strongest word counts ———

const backOf = (payment) => sum(payment.refunds.filter((one) => one.status !== 'failed'), (one) => one.amount);
const hasDispute = (payment, ...statuses) => payment.disputes.some((one) => statuses.includes(one.status));

function verdictOf(payment) {
  if (!payment) return 'paid';
  if (hasDispute(payment, 'lost')) return 'lost';
  if (backOf(payment) >= payment.amount) return 'refunded';
  if (hasDispute(payment, 'needs_response', 'under_review')) return 'disputed';
  return backOf(payment) ? 'partially_refunded' : 'paid';
}

const STATES = { lost: 'revoked', refunded: 'revoked', disputed: 'suspended', partially_refunded: 'active', paid: 'active' };
const stateOf = (payment) => STATES[verdictOf(payment)];
const LOT_STATES = { active: 'active', suspended: 'frozen', revoked: 'void' };

// ——— The ledger ———

class Ledger {
  lots = [];
  answers = new Map();
  lines = {};

  add(lot, line, now) {
    if (!lot.granted) return;
    this.lots.push({ ...lot, remaining: lot.granted, state: 'active', age: this.lots.length, heard: now });
    this.line(line, lot.granted);
  }

  line(kind, amount) {
    this.lines[kind] = (this.lines[kind] ?? 0) + amount;
  }

  standing(now) {
    return this.lots.filter((lot) => lot.state === 'active' && (lot.until === null || lot.until > now));
  }

  balance(now) {
    return sum(this.standing(now), (lot) => lot.remaining);
  }

  follow(source, state) {
    for (const lot of this.lots.filter((one) => one.source === source)) lot.state = LOT_STATES[state];
  }

  // The earliest expiry first, then the oldest.
  debit(amount, key, now) {
    const first = this.answers.get(key);
    if (first) return { ...first, outcome: first.amount === amount ? first.outcome : 'conflict', replayed: 1 };
    const enough = this.balance(now) >= amount;
    if (enough) this.take(amount, now);
    const answer = { amount, outcome: enough ? 'debited' : 'refused', balance: this.balance(now), replayed: 0 };
    this.answers.set(key, answer);
    return answer;
  }

  take(amount, now) {
    let left = amount;
    const order = (a, b) => (a.until ?? Infinity) - (b.until ?? Infinity) || a.since - b.since || a.granted - b.granted || a.age - b.age;
    for (const lot of this.standing(now).sort((a, b) => order(a, b) || 0)) {
      const part = Math.min(lot.remaining, left);
      lot.remaining -= part;
      left -= part;
    }
    this.line('debit', -amount);
  }
}

// ——— Access to a module bought once, several in a row: each begins where the one before it ends, nobody waits for what is
// paid and nobody loses what is paid. So whenever the time that one still takes changes, those bought after it move by as much.

class Chain {
  accesses = [];

  buy(order, { level, days, uses }, quantity, now) {
    const ends = this.accesses.filter((one) => one.level === level && this.room(one, now)).map((one) => one.until);
    const from = latest(ends) ?? now;
    this.accesses.push({
      order, level, state: 'active', from, until: from + days * quantity * DAY, uses: uses === null ? null : uses * quantity, since: null,
    });
  }

  room(one, now) {
    return one.state === 'revoked' || one.uses === 0 ? 0 : Math.max(0, one.until - Math.max(now, one.from));
  }

  change(one, now, change) {
    const before = this.room(one, now);
    change();
    const shift = this.room(one, now) - before;
    const behind = this.accesses.slice(this.accesses.indexOf(one) + 1).filter((each) => each.level === one.level && this.room(each, now));
    for (const each of behind) Object.assign(each, { from: each.from + shift, until: each.until + shift });
  }

  follow(order, state, now) {
    const one = this.accesses.find((each) => each.order === order);
    if (!one || one.state === state) return;
    this.change(one, now, () => {
      if (one.state === 'suspended') one.until += Math.max(0, now - Math.max(one.since, one.from));
      one.state = state;
      one.since = state === 'suspended' ? now : null;
    });
  }

  use(level, now) {
    const open = this.accesses.filter((one) => one.level === level && one.state === 'active' && one.from <= now && one.until > now
      && one.uses !== 0).sort((a, b) => a.until - b.until)[0];
    if (open?.uses) this.change(open, now, () => open.uses--);
    return open ? 'open' : null;
  }
}

// ——— A subscription, as it was told last ———

const paidOf = (told) => told.invoices.filter((one) => one.status === 'paid').sort(byStart);
const isTrial = (told, invoice) => !invoice.amount && told.trialStart !== null && invoice.start < told.trialEnd;
const yearly = (plan) => PLANS[plan].months === 12;
const wholePaid = (told) => paidOf(told).filter((one) => !isTrial(told, one));

// Months are counted from where paid time began that went on without a gap; refunds move nothing.
function anchorOf(told, at) {
  const before = wholePaid(told).filter((one) => one.start < at && one.end >= at);
  return before.length ? anchorOf(told, Math.min(...before.map((one) => one.start))) : at;
}

// An upgrade's share is of the month that was paid for, or of the month of a year.
function shareOf(told, at) {
  const month = wholePaid(told).find((one) => !one.change && !yearly(one.plan) && one.start <= at && one.end > at);
  return month ?? monthOf(anchorOf(told, at), at);
}

function standingOf(told) {
  const periods = paidOf(told).map((one) => ({ ...one, trial: isTrial(told, one), state: stateOf(one.payment) }));
  return { periods, standing: periods.filter((one) => one.state !== 'revoked') };
}

function paidUntil({ standing }) {
  return latest(standing.filter((one) => !one.trial).map((one) => one.end));
}

// Until when its rights last; null: nothing that was paid stands.
function reach(told, periods) {
  const trial = periods.standing.some((one) => one.trial) ? Math.min(told.trialEnd, told.endedAt ?? Infinity) : null;
  const until = latest([paidUntil(periods), trial].filter((one) => one !== null));
  if (until === null) return null;
  if (told.status === 'past_due') return until + GRACE;
  const goesOn = ['active', 'trialing'].includes(told.status) && told.cancelAt === null && !told.pausing;
  return goesOn ? until + CHARGE : until;
}

// The plan of the paid period that holds a moment, the later one where two do.
function planAt(told, moment) {
  const { standing } = standingOf(told);
  return standing.filter((one) => one.state === 'active' && !one.trial && one.start <= moment && one.end > moment).at(-1);
}

export class Model {
  ledger = new Ledger();
  chain = new Chain();
  heard = new Set();

  // All events of this subject have arrived by now; `told` is how it stands at Stripe.
  hear(told, now) {
    if (told.kind === 'purchase') this.hearPurchase(told, now);
    else this.hearSubscription(told, now);
  }

  once(fact) {
    if (this.heard.has(fact)) return false;
    this.heard.add(fact);
    return true;
  }

  hearPurchase(told, now) {
    if (!told.payment.taken) return;
    const product = PRODUCTS[told.product];
    const first = this.once(told.number);
    if (first && product.tokens) {
      this.ledger.add({ kind: 'pack', granted: product.tokens * told.quantity, until: null, since: now, source: told.number },
        'pack_purchase', now);
    }
    if (first && product.level) this.chain.buy(told.number, product, told.quantity, now);
    const state = stateOf(told.payment);
    this.ledger.follow(told.number, state);
    this.chain.follow(told.number, state, now);
  }

  hearSubscription(told, now) {
    for (const one of paidOf(told)) {
      if (this.once(one.id)) this.grant(told, one, now);
      this.ledger.follow(one.id, stateOf(one.payment));
    }
    const trial = this.ledger.lots.find((lot) => lot.kind === 'trial' && lot.subscription === told.id);
    if (trial) trial.until = Math.min(told.trialEnd, told.endedAt ?? Infinity);
  }

  // What one paid invoice brings.
  grant(told, invoice, now) {
    const { tokens } = PLANS[invoice.plan];
    const lot = { subscription: told.id, source: invoice.id, since: invoice.start, until: invoice.end };
    const month = monthOf(anchorOf(told, invoice.start), invoice.start);
    if (isTrial(told, invoice)) {
      this.ledger.add({ ...lot, kind: 'trial', granted: Math.floor((tokens * TRIAL_PERCENT) / 100) }, 'subscription_trial', now);
    } else if (invoice.change) {
      const more = Math.max(0, tokens - PLANS[invoice.change.from].tokens);
      const share = shareOf(told, invoice.change.at);
      const granted = Math.floor((more * (share.end - invoice.change.at)) / (share.end - share.start));
      this.ledger.add({ ...lot, kind: 'upgrade', granted, until: share.end }, 'upgrade', now);
    } else if (!yearly(invoice.plan)) {
      this.quota(lot, tokens, invoice, now);
    } else if (!this.quotaOf(told, invoice.start)) {
      this.quota({ ...lot, since: month.start, until: month.end }, tokens, invoice, now);
    }
  }

  quota(lot, tokens, invoice, now) {
    const line = invoice.reason === 'subscription_create' ? 'subscription_initial' : 'subscription_renewal';
    this.ledger.add({ ...lot, kind: 'quota', granted: tokens }, line, now);
  }

  quotaOf(told, moment) {
    return this.ledger.lots.some((lot) => lot.kind === 'quota' && lot.subscription === told.id && lot.state !== 'void'
      && lot.since <= moment && lot.until > moment);
  }

  // The scheduler: plans paid by the year get each month's quota when it begins, of the plan that was in force then.
  jobs(subjects, now) {
    for (const told of subjects.map((one) => one.told).filter((one) => one?.kind === 'subscription' && one.status === 'active')) {
      const period = planAt(told, now);
      if (!period || !yearly(period.plan) || this.quotaOf(told, now)) continue;
      const month = monthOf(anchorOf(told, period.start), now);
      const at = planAt(told, month.start);
      if (!at) continue; // what the month began with went back: its upgrade's share is all
      this.ledger.add({
        kind: 'quota', granted: PLANS[at.plan].tokens, subscription: told.id, source: at.id, since: month.start, until: month.end,
      }, 'subscription_renewal', now);
    }
  }

  // ——— Everything that can be seen, in the form of normal.mjs ———

  state(subjects, now) {
    const seen = { orders: [], rights: [], licenses: [], accesses: [], subscriptions: [] };
    for (const { number, told } of subjects) {
      if (!told) seen.orders.push({ number, state: 'pending', review: '', refunded: 0 });
      else if (told.kind === 'purchase') this.seePurchase(seen, told);
      else this.seeSubscription(seen, told);
    }
    for (const one of this.chain.accesses) seen.accesses.push({ ...one, module: 'studio' });
    return { ...seen, lots: this.ledger.lots, lines: this.ledger.lines, balance: this.ledger.balance(now) };
  }

  seePurchase(seen, told) {
    const { payment, number } = told;
    const verdict = verdictOf(payment);
    const unpaid = { open: 'pending', waiting: 'pending', failed: 'failed', expired: 'expired' };
    const failed = payment.refunds.some((one) => one.status === 'failed');
    seen.orders.push({
      number, refunded: payment.taken ? backOf(payment) : 0, review: failed ? 'refund_failed' : '',
      state: payment.taken ? { lost: 'disputed' }[verdict] ?? verdict : unpaid[told.state],
    });
    if (!payment.taken) return;
    const { kinds } = PRODUCTS[told.product];
    const right = { order: number, state: stateOf(payment), until: null };
    if (kinds.includes('download')) seen.rights.push({ ...right, kind: 'download' });
    for (let i = 0; kinds.includes('license') && i < told.quantity; i++) {
      seen.rights.push({ ...right, kind: 'license' });
      seen.licenses.push(right);
    }
  }

  seeSubscription(seen, told) {
    const periods = standingOf(told);
    const until = reach(told, periods);
    const plan = periods.standing.at(-1)?.plan ?? told.plan;
    seen.subscriptions.push({ id: told.id, status: told.status, plan, paid: paidUntil(periods) });
    const failed = periods.periods.some((one) => one.payment?.refunds.some((refund) => refund.status === 'failed'));
    seen.orders.push({
      number: told.number, state: periods.periods.length ? 'paid' : 'pending', review: failed ? 'refund_failed' : '', refunded: 0,
    });
    if (!periods.periods.length) return;
    const disputed = periods.periods.some((one) => one.state === 'suspended');
    const kept = until === null ? 'revoked' : disputed ? 'suspended' : 'active';
    const used = kept === 'active' && !IN_USE.includes(told.status) ? 'expired' : kept;
    const right = { order: told.number, state: used, until };
    seen.rights.push({ ...right, kind: 'download', state: kept }, { ...right, kind: 'license' });
    seen.licenses.push(right);
    seen.accesses.push({ ...right, module: 'club', level: PLANS[plan].level, uses: null });
  }
}

export { addMonths };
