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

const STEPS = fc.oneof(
  often(4, step('buy', { product: pick, quantity: fc.integer({ min: 1, max: 3 }), how: fc.constantFrom('card', 'card', 'card', 'bank', 'leave') })),
  often(3, step('subscribe', { plan: pick, trial: fc.constantFrom(null, null, 'card', 'no card') })),
  often(9, step('wait', { seconds, near: fc.constantFrom(null, null, null, -1, 0, 1, 3601) })),
  often(9, step('deliver', { pick, seed, part: fc.constantFrom(false, false, false, true) })),
  often(3, step('deliverAll', { seed })),
  often(3, step('refund', { pick, share: fc.constantFrom(1, 1, 0.5, 0.3) })),
  often(2, step('refundFails', { pick })),
  often(2, step('dispute', { pick, inquiry: fc.boolean() })),
  often(3, step('disputeMoves', { pick, outcome: fc.constantFrom('won', 'lost', 'goes on') })),
  often(1, step('bank', { pick, good: fc.boolean() })),
  often(2, step('card', { good: fc.boolean() })),
  often(1, step('shape', { shape: fc.constantFrom('old', 'new') })),
  often(5, step('change', {
    pick, plan: pick, on: fc.boolean(),
    what: fc.constantFrom('upgrade', 'upgrade', 'downgrade', 'cancelAtEnd', 'cancelNow', 'pause', 'resume'),
  })),
  often(5, step('debit', { share: fc.constantFrom(0.2, 0.5, 1, 1.1), key: fc.nat({ max: 30 }) })),
  often(2, step('use', { level: fc.constantFrom('full', 'counted') })),
  often(3, step('jobs')),
  often(1, step('regenerate')),
);

// Month ends, leap days, New Year's eve.
const START = fc.constantFrom('2027-01-15T10:00:00Z', '2027-01-31T23:59:59Z', '2028-01-30T08:00:00Z', '2028-02-29T12:00:00Z', '2027-08-31T00:00:00Z',
  '2027-12-31T23:00:00Z', '2027-10-29T05:30:00Z').map((text) => Date.parse(text) / 1000);

export const histories = fc.record({
  start: START, keepsFailed: fc.boolean(), givesUp: fc.constantFrom('canceled', 'unpaid'),
  steps: fc.array(STEPS, { minLength: 12, maxLength: 45, size: 'max' }),
});
