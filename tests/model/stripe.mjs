// The world at Stripe: what truly happens to payments and subscriptions, and the events it sends about it. Each subject (a
// purchase, a subscription) keeps its own list of events that are on their way.

import * as say from './events.mjs';
import { DAY, addMonths } from './calendar.mjs';
import { PLANS, PRODUCTS } from './shop.mjs';

const HOUR = 3600;
const RETRIES = [3 * DAY, 2 * DAY, 2 * DAY];
const OPEN = ['needs_response', 'under_review', 'warning_needs_response'];

export class Stripe {
  constructor({ now, keepsFailed, givesUp }) {
    Object.assign(this, { now, keepsFailed, givesUp, shape: 'new', subjects: [], count: 0, cardGood: true });
  }

  // Like Stripe's: unique, and in no order.
  id(prefix) {
    return `${prefix}_${String((++this.count * 7919) % 10007).padStart(5, '0')}`;
  }

  emit(subject, type, object) {
    subject.pending.push({
      id: this.id('evt'), object: 'event', api_version: say.VERSIONS[this.shape], created: this.now, data: { object }, livemode: false,
      pending_webhooks: 1, request: { id: null, idempotency_key: null }, type,
    });
  }

  payment(subject, amount, invoice) {
    return { intent: this.id('pi'), charge: this.id('ch'), amount, refunds: [], disputes: [], invoice, subject };
  }

  get payments() {
    return this.subjects.flatMap((one) => (one.kind === 'purchase' ? [one.payment] : one.invoices.map((each) => each.payment)))
      .filter((one) => one?.taken);
  }

  // ——— Things bought once ———

  buy(product, quantity, how, { number, session }) {
    const subject = { kind: 'purchase', product, quantity, number, session, state: 'open', how, pending: [], sent: [], told: null };
    subject.payment = this.payment(subject, PRODUCTS[product].amount * quantity);
    this.subjects.push(subject);
    if (how === 'leave') this.close(subject, 'expired', 'checkout.session.expired', { status: 'expired', payment_status: 'unpaid' });
    else if (how === 'bank') this.close(subject, 'waiting', 'checkout.session.completed', { status: 'complete', payment_status: 'unpaid' });
    else this.taken(subject, 'checkout.session.completed');
  }

  sessionOf(subject, fields) {
    const { amount, intent } = subject.payment;
    return say.session(subject, this.shape, {
      amount_total: amount, amount_subtotal: amount, payment_intent: fields.status === 'expired' ? null : intent, ...fields,
    });
  }

  close(subject, state, type, fields) {
    subject.state = state;
    this.emit(subject, type, this.sessionOf(subject, fields));
  }

  taken(subject, type) {
    subject.payment.taken = true;
    this.emit(subject, 'charge.succeeded', say.charge(subject.payment, this.shape, this.keepsFailed));
    this.close(subject, 'paid', type, { status: 'complete', payment_status: 'paid' });
  }

  settleBank(subject, good) {
    if (subject.state !== 'waiting') return;
    if (good) this.taken(subject, 'checkout.session.async_payment_succeeded');
    else this.close(subject, 'failed', 'checkout.session.async_payment_failed', { status: 'complete', payment_status: 'unpaid' });
  }

  // ——— Money that goes back ———

  refund(payment, share) {
    const left = payment.amount - say.refundedOf(payment, this.keepsFailed);
    if (left <= 0 || payment.disputes.some((one) => one.status === 'lost' || OPEN.includes(one.status))) return;
    const one = { id: this.id('re'), amount: Math.max(1, Math.floor(left * share)), status: 'pending' };
    payment.refunds.push(one);
    this.emit(payment.subject, 'refund.created', say.refund(payment, one));
    one.status = 'succeeded';
    this.emit(payment.subject, 'charge.refunded', say.charge(payment, this.shape, this.keepsFailed));
    this.emit(payment.subject, 'refund.updated', say.refund(payment, one));
  }

  refundFails(payment) {
    const one = payment.refunds.findLast((each) => each.status === 'succeeded');
    if (!one) return;
    one.status = 'failed';
    for (const type of ['refund.failed', 'refund.updated', 'charge.refund.updated']) this.emit(payment.subject, type, say.refund(payment, one));
    if (!this.keepsFailed) this.emit(payment.subject, 'charge.updated', say.charge(payment, this.shape, false));
  }

  dispute(payment, inquiry) {
    if (payment.disputes.some((one) => one.status === 'lost' || OPEN.includes(one.status))) return;
    if (say.refundedOf(payment, this.keepsFailed) >= payment.amount) return;
    const one = { id: this.id('du'), opened: this.now, status: inquiry ? 'warning_needs_response' : 'needs_response' };
    payment.disputes.push(one);
    this.emit(payment.subject, 'charge.dispute.created', say.dispute(payment, one));
    if (!inquiry) this.emit(payment.subject, 'charge.dispute.funds_withdrawn', say.dispute(payment, one));
  }

  disputeMoves(payment, outcome) {
    const one = payment.disputes.find((each) => OPEN.includes(each.status));
    if (!one) return;
    const inquiry = one.status.startsWith('warning');
    if (outcome === 'goes on') one.status = inquiry ? 'needs_response' : 'under_review';
    else if (inquiry) one.status = 'warning_closed';
    else one.status = outcome;
    this.emit(payment.subject, outcome === 'goes on' ? 'charge.dispute.updated' : 'charge.dispute.closed', say.dispute(payment, one));
    if (one.status === 'won') this.emit(payment.subject, 'charge.dispute.funds_reinstated', say.dispute(payment, one));
  }

  // ——— Subscriptions ———

  subscribe(plan, trial, { number, session }) {
    const { now } = this;
    const trialEnd = trial ? now + 14 * DAY : null;
    const subject = {
      kind: 'subscription', id: this.id('sub'), customer: 'cus_jenny', number, session, plan, status: trial ? 'trialing' : 'active',
      start: now, anchor: trialEnd ?? now, rolled: 0, trialStart: trial ? now : null, trialEnd, cancelAt: null, canceledAt: null,
      endedAt: null, pausing: false, noCard: trial === 'no card', nextPlan: null, invoices: [], open: null, pending: [], sent: [], told: null,
    };
    this.subjects.push(subject);
    if (!trial) subject.rolled = 1;
    this.period(subject, now, trialEnd ?? addMonths(now, PLANS[plan].months));
    const first = this.bill(subject, 'subscription_create', trial ? 0 : PLANS[plan].amount);
    this.begins(subject);
    this.pay(subject, first);
    this.emit(subject, 'checkout.session.completed', say.session(subject, this.shape, {
      amount_total: first.amount, amount_subtotal: first.amount, payment_intent: null, status: 'complete',
      payment_status: first.amount ? 'paid' : 'no_payment_required',
    }));
  }

  // Checkout used to make a subscription first, and to change it within the second.
  begins(subject) {
    const { status } = subject;
    if (this.shape === 'old' && status === 'active') subject.status = 'incomplete';
    this.emit(subject, 'customer.subscription.created', say.subscription(subject, this.shape));
    if (subject.status === status) return;
    subject.status = status;
    this.updated(subject);
  }

  updated(subject, type = 'updated') {
    this.emit(subject, `customer.subscription.${type}`, say.subscription(subject, this.shape));
  }

  period(subject, start, end) {
    Object.assign(subject, { periodStart: start, periodEnd: end });
  }

  bill(subject, reason, amount, lines, change = null) {
    const whole = { plan: subject.plan, amount, start: subject.periodStart, end: subject.periodEnd, proration: false };
    const one = {
      id: this.id('in'), reason, amount, plan: subject.plan, start: subject.periodStart, end: subject.periodEnd, change, status: 'open',
      attempts: 0, nextAttempt: null, created: this.now, lines: lines ?? [whole], payment: null,
    };
    subject.invoices.push(one);
    return one;
  }

  pay(subject, one) {
    one.status = 'paid';
    one.nextAttempt = null;
    if (one.amount) {
      one.payment = { ...this.payment(subject, one.amount, one.id), taken: true };
      this.emit(subject, 'charge.succeeded', say.charge(one.payment, this.shape, this.keepsFailed));
      if (this.shape === 'new') this.emit(subject, 'invoice_payment.paid', say.invoicePayment(one));
    }
    this.emit(subject, 'invoice.paid', say.invoice(subject, one, this.shape));
    this.emit(subject, 'invoice.payment_succeeded', say.invoice(subject, one, this.shape));
  }

  // Lets time pass: everything that becomes due happens at its own moment.
  advance(to) {
    for (;;) {
      const due = this.subjects.map((one) => ({ one, at: dueAt(one) })).filter(({ at }) => at <= to).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.now = Math.max(this.now, due.at);
      if (due.one.open) this.attempt(due.one);
      else this.roll(due.one);
    }
    this.now = to;
  }

  roll(subject) {
    if (subject.cancelAt !== null) return this.end(subject);
    if (subject.status === 'trialing' && subject.noCard) {
      subject.status = 'paused';
      this.updated(subject, 'paused');
      return this.updated(subject);
    }
    const from = PLANS[subject.plan].months;
    subject.status = 'active';
    subject.plan = subject.nextPlan ?? subject.plan;
    subject.nextPlan = null;
    const { months } = PLANS[subject.plan];
    if (months !== from && subject.rolled) Object.assign(subject, { anchor: subject.periodEnd, rolled: 0 });
    this.period(subject, subject.periodEnd, addMonths(subject.anchor, ++subject.rolled * months));
    const one = this.bill(subject, 'subscription_cycle', PLANS[subject.plan].amount);
    one.nextAttempt = this.now + HOUR;
    subject.open = one;
    this.updated(subject);
  }

  attempt(subject) {
    const one = subject.open;
    if (subject.pausing) return this.void(subject, one);
    one.attempts++;
    if (this.cardGood) {
      subject.open = null;
      this.pay(subject, one);
      if (subject.status !== 'active') this.become(subject, 'active');
      return;
    }
    const wait = RETRIES[one.attempts - 1];
    one.nextAttempt = wait ? this.now + wait : null;
    this.emit(subject, 'invoice.payment_failed', say.invoice(subject, one, this.shape));
    if (wait && subject.status === 'active') this.become(subject, 'past_due');
    if (wait) return;
    subject.open = null;
    if (this.givesUp === 'canceled') this.end(subject);
    else this.become(subject, 'unpaid');
  }

  become(subject, status) {
    subject.status = status;
    this.updated(subject);
  }

  void(subject, one) {
    subject.open = null;
    one.status = 'void';
    this.emit(subject, 'invoice.voided', say.invoice(subject, one, this.shape));
    if (subject.status !== 'active') this.become(subject, 'active');
  }

  end(subject) {
    Object.assign(subject, { status: 'canceled', endedAt: this.now, canceledAt: subject.canceledAt ?? this.now, open: null });
    this.updated(subject, 'deleted');
  }

  // An upgrade is billed at once: what is left of the old plan comes off; another interval begins anew.
  upgrade(subject, plan) {
    if (!plan) return;
    const [old, now] = [PLANS[subject.plan], PLANS[plan]];
    const upgrade = now.months === old.months ? now.amount > old.amount : now.months > old.months;
    const calm = subject.status === 'active' && !subject.pausing && subject.cancelAt === null && !subject.open && this.cardGood;
    if (!upgrade || !calm || this.now <= subject.periodStart || !paid(subject.invoices.at(-1))) return;
    const left = (subject.periodEnd - this.now) / (subject.periodEnd - subject.periodStart);
    const from = { plan: subject.plan, amount: -Math.ceil(old.amount * left), start: this.now, end: subject.periodEnd, proration: true };
    const change = { from: subject.plan, at: this.now };
    Object.assign(subject, { plan, nextPlan: null });
    const same = now.months === old.months;
    if (!same) {
      Object.assign(subject, { anchor: this.now, rolled: 1 });
      this.period(subject, this.now, addMonths(this.now, now.months));
    }
    const to = { plan, amount: same ? Math.ceil(now.amount * left) : now.amount, start: this.now, end: subject.periodEnd, proration: same };
    const one = this.bill(subject, 'subscription_update', Math.max(0, to.amount + from.amount), [from, to], change);
    one.start = this.now;
    this.updated(subject);
    this.pay(subject, one);
  }

  downgrade(subject, plan) {
    if (subject.status !== 'active' || PLANS[plan].amount >= PLANS[subject.plan].amount) return;
    subject.nextPlan = plan;
  }

  cancelAtEnd(subject, on) {
    if (!['active', 'trialing'].includes(subject.status) || subject.open || (subject.cancelAt !== null) === on) return;
    Object.assign(subject, on ? { cancelAt: subject.periodEnd, canceledAt: this.now } : { cancelAt: null, canceledAt: null });
    this.updated(subject);
  }

  cancelNow(subject) {
    if (subject.status !== 'canceled') this.end(subject);
  }

  pause(subject, on) {
    if (subject.status !== 'active' || subject.pausing === on) return;
    subject.pausing = on;
    this.updated(subject);
  }

  // A card for a trial that ended without one: paid time begins now.
  resume(subject) {
    if (subject.status !== 'paused' || !this.cardGood) return;
    const { months, amount } = PLANS[subject.plan];
    Object.assign(subject, { status: 'active', noCard: false, anchor: this.now, rolled: 1 });
    this.period(subject, this.now, addMonths(this.now, months));
    const one = this.bill(subject, 'subscription_cycle', amount);
    this.updated(subject, 'resumed');
    this.updated(subject);
    this.pay(subject, one);
  }
}

const paid = (invoice) => invoice.status === 'paid';

function dueAt(subject) {
  if (subject.kind !== 'subscription') return Infinity;
  if (subject.open) return subject.open.nextAttempt;
  return ['active', 'trialing'].includes(subject.status) ? subject.periodEnd : Infinity;
}
