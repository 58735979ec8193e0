// Random histories (fast-check): what may happen, and how often.

import fc from 'fast-check';

import { DAY } from './calendar.mjs';

const pick = fc.nat({ max: 7 });
const seed = fc.nat();
const step = (name, fields = {}) => fc.record({ do: fc.constant(name), ...fields });
const often = (weight, arbitrary) => ({ weight, arbitrary });

const seconds = fc.oneof(
  often(3, fc.nat({ max: 7200 })), often(4, fc.integer({ min: 1, max: 9 }).map((days) => days * DAY + 7)),
  often(3, fc.integer({ min: 20, max: 45 }).map((days) => days * DAY)), often(1, fc.integer({ min: 100, max: 400 }).map((days) => days * DAY)),
);

const change = (...what) => step('change', { pick, plan: pick, on: fc.boolean(), what: fc.constantFrom(...what) });
const buy = (product, how) => step('buy', { product, quantity: fc.integer({ min: 1, max: 3 }), how });

const WAIT = often(9, step('wait', { seconds, near: fc.constantFrom(null, null, null, -1, 0, 1, 3601) }));
const NEWS = [
  often(6, step('deliver', { pick, seed, part: fc.constantFrom(false, false, false, true) })),
  often(5, step('deliverAll', { seed })),
];
const MONEY_BACK = [
  often(3, step('refund', { pick, share: fc.constantFrom(1, 1, 0.5, 0.3) })),
  often(2, step('refundFails', { pick })),
  often(2, step('dispute', { pick, inquiry: fc.boolean() })),
  often(3, step('disputeMoves', { pick, outcome: fc.constantFrom('won', 'won', 'lost', 'goes on') })),
];
const TOKENS = [
  often(5, step('debit', { share: fc.constantFrom(0.2, 0.5, 1, 1.1), key: fc.nat({ max: 30 }) })),
  often(3, step('jobs')),
];
const PURCHASES = [
  often(5, buy(pick, fc.constantFrom('card', 'card', 'card', 'card', 'bank', 'leave'))),
  often(1, step('bank', { pick, good: fc.boolean() })),
  often(2, step('use', { level: fc.constantFrom('full', 'counted') })),
  often(1, step('regenerate')),
];
const CLUB = [
  often(3, step('subscribe', { plan: pick, trial: fc.constantFrom(null, null, 'card', 'no card') })),
  often(2, step('card', { good: fc.constantFrom(true, true, false) })),
  often(1, step('shape', { shape: fc.constantFrom('old', 'new') })),
  often(5, change('upgrade', 'upgrade', 'upgrade', 'downgrade', 'cancelAtEnd', 'cancelNow', 'pause', 'pause', 'resume')),
];

// Whole life, and its corners more densely: accesses in a row; tokens of plans that change.
const THEMES = [
  fc.oneof(WAIT, ...NEWS, ...MONEY_BACK, ...TOKENS, ...PURCHASES, ...CLUB),
  fc.oneof(
    WAIT, ...NEWS, ...MONEY_BACK, often(6, buy(fc.constantFrom(2, 3), fc.constant('card'))),
    often(6, step('use', { level: fc.constantFrom('counted', 'counted', 'full') })),
  ),
  fc.oneof(WAIT, WAIT, ...NEWS, ...MONEY_BACK, ...TOKENS, ...CLUB, often(1, buy(fc.constant(1), fc.constant('card')))),
  fc.oneof(WAIT, ...NEWS, ...TOKENS, ...CLUB, often(5, change('upgrade'))),
];

// Month ends, leap days, New Year's eve.
const START = fc.constantFrom('2027-01-15T10:00:00Z', '2027-01-31T23:59:59Z', '2028-01-30T08:00:00Z', '2028-02-29T12:00:00Z', '2027-08-31T00:00:00Z',
  '2027-12-31T23:00:00Z', '2027-10-29T05:30:00Z').map((text) => Date.parse(text) / 1000);

export const histories = fc.record({
  start: START, keepsFailed: fc.boolean(), givesUp: fc.constantFrom('canceled', 'unpaid'),
  steps: fc.oneof(...THEMES.map((steps) => fc.array(steps, { minLength: 12, maxLength: 45, size: 'max' }))),
});
