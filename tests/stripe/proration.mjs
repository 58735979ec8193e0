// What a change of a subscription costs: worked out first, without touching anything, then applied or only shown.

import { billing } from './billing.mjs';
import { errors } from './errors.mjs';
import { itemAmount, itemLine, line, linesOf, pieceDetails } from './invoice.mjs';
import { periodAt, sameInterval } from './period.mjs';
import { itemFields, itemOf, periodOf, recurringOf, withPeriod } from './subscription.mjs';

const dateOf = (time) => new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
  .format(time * 1000);

function credited(double, subscription, item) {
  const invoice = double.store.get('invoice', subscription.latest_invoice);
  const lines = invoice ? linesOf(double, invoice)
    .filter(({ parent }) => parent.subscription_item_details?.subscription_item === item.id) : [];
  return lines.length === 0 ? null : { invoice: invoice.id, invoice_line_items: lines.map(({ id }) => id) };
}

function parentOf(double, subscription, item, given) {
  const details = pieceDetails(subscription, { proration: true, credited: given });
  if (billing(double).proration_parent === 'invoice_item_details') return details;
  const piece = details.invoice_item_details;
  return {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: piece.invoice_item, proration: true, proration_details: piece.proration_details,
      subscription: subscription.id, subscription_item: item.id,
    },
    type: 'subscription_item_details',
  };
}

// The share of a period that is left, to the second.
function piece(double, subscription, item, { at, sign }) {
  const { start, end } = periodOf(subscription);
  const amount = sign * Math.round(itemAmount(item) * (end - at) / (end - start));
  const name = double.store.get('product', item.price.product)?.name;
  const what = `${item.quantity > 1 ? `${item.quantity} × ` : ''}${name} after ${dateOf(at)}`;
  return line(subscription, item, {
    amount, period: { end, start: at }, unit: String(Math.abs(amount) / item.quantity),
    description: sign < 0 ? `Unused time on ${what}` : `Remaining time on ${what}`,
    parent: parentOf(double, subscription, item, sign < 0 ? credited(double, subscription, item) : null),
  });
}

const same = (a, b) => a && b && a.price.id === b.price.id && a.quantity === b.quantity;

// Unused time of what goes and, `rest`, remaining time of what comes.
function pieces(double, subscription, items, { at, rest }) {
  const olds = subscription.items.data;
  const gone = olds.filter((old) => !rest || !same(old, items.find(({ id }) => id === old.id)));
  const come = rest ? items.filter((item) => !same(item, olds.find(({ id }) => id === item.id))) : [];
  return [
    ...gone.map((item) => piece(double, subscription, item, { at, sign: -1 })),
    ...come.map((item) => piece(double, subscription, item, { at, sign: 1 })),
  ];
}

// given.items: [{ id, price, quantity, metadata, deleted }] with prices looked up -> the items as they will be.
export function mergedItems(double, subscription, given = []) {
  let items = subscription.items.data;
  for (const { id, price, quantity, metadata, deleted } of given) {
    const old = items.find((item) => item.id === id);
    if (deleted) items = items.filter((item) => item !== old);
    else if (old) items = items.map((item) => (item === old ? changedItem(double, subscription, item, { price, quantity, metadata }) : item));
    else items = [...items, itemOf(double, subscription.id, { price, quantity, metadata }, periodOf(subscription))];
  }
  if (items.length === 0) throw errors.invalid('A subscription must have at least one active plan.', 'items');
  return items;
}

function changedItem(double, subscription, item, { price = item.price, quantity = item.quantity, metadata = item.metadata }) {
  const { plan, price: kept } = itemOf(double, subscription.id, { price }, periodOf(subscription));
  return { ...item, plan, price: kept, quantity, metadata };
}

const trialLines = (double, subscription, items, period) => items.map((item) => itemLine(double, subscription, item, period, 0));

const newLines = (double, subscription, items, period) =>
  items.map((item) => itemLine(double, subscription, item, period, itemAmount(item)));

// { changes, lines, now }: the fields of the subscription, what is billed for it, and whether at once.
export function planChange(double, subscription, given) {
  const now = double.clock.now();
  const items = mergedItems(double, subscription, given.items);
  if (given.trial_end !== undefined) return trialChange(double, subscription, items, given, now);
  const moved = given.billing_cycle_anchor === 'now' || !sameInterval(items[0].price.recurring, recurringOf(subscription));
  if (subscription.status === 'trialing' && given.billing_cycle_anchor !== 'now') {
    return { changes: itemFields(subscription.id, items), lines: [], now: false };
  }
  if (moved) return moveAnchor(double, subscription, items, given, now);
  const prorate = given.proration_behavior !== 'none' && subscription.status !== 'paused';
  const lines = prorate ? pieces(double, subscription, items, { at: given.proration_date ?? now, rest: true }) : [];
  return {
    changes: itemFields(subscription.id, items), lines,
    now: given.proration_behavior === 'always_invoice' && lines.length > 0,
  };
}

const credit = (double, subscription, items, given, now) =>
  (given.proration_behavior === 'none' || subscription.status === 'trialing' ? []
    : pieces(double, subscription, items, { at: given.proration_date ?? now, rest: false }));

// A new interval, or a new anchor: the old period ends now and the new one is paid now.
function moveAnchor(double, subscription, items, given, now) {
  const period = { start: now, end: periodAt(now, items[0].price.recurring, now).end };
  const rolled = withPeriod(items, period);
  const trial = subscription.status === 'trialing' ? { status: 'active', trial_end: now } : {};
  return {
    changes: { ...itemFields(subscription.id, rolled), billing_cycle_anchor: now, ...trial },
    lines: [...credit(double, subscription, items, given, now), ...newLines(double, subscription, rolled, period)],
    now: true,
  };
}

function trialChange(double, subscription, items, given, now) {
  const trialing = subscription.status === 'trialing';
  if (given.trial_end === 'now') {
    if (!trialing) return { changes: itemFields(subscription.id, items), lines: [], now: false };
    return moveAnchor(double, subscription, items, given, now);
  }
  const period = { start: trialing ? periodOf(subscription).start : now, end: given.trial_end };
  return {
    changes: {
      ...itemFields(subscription.id, withPeriod(items, period)), billing_cycle_anchor: given.trial_end, status: 'trialing',
      trial_end: given.trial_end, ...(trialing ? {} : { trial_start: now }),
    },
    lines: trialing ? [] : [...credit(double, subscription, items, given, now), ...trialLines(double, subscription, items, period)],
    now: !trialing,
  };
}

// The credit for the rest of the period.
export const planCancel = (double, subscription) =>
  credit(double, subscription, subscription.items.data, {}, double.clock.now());
