// Billing periods. They are counted from the anchor each time, so that one who began on the 31st is billed on
// the 28th of February and on the 31st of March.

import { DAY } from './clock.mjs';

const DAYS = { day: 1, week: 7 };
const MONTHS = { month: 1, year: 12 };
const SECONDS = { day: DAY, week: 7 * DAY, month: 30.436875 * DAY, year: 365.2425 * DAY };

// The start of the n-th period; n may be negative.
export function boundary(anchor, { interval, interval_count: count }, n) {
  if (DAYS[interval]) return anchor + n * count * DAYS[interval] * DAY;
  return addMonths(anchor, n * count * MONTHS[interval]);
}

function addMonths(time, months) {
  const date = new Date(time * 1000);
  const index = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const year = Math.floor(index / 12);
  const month = index - year * 12;
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Date.UTC(year, month, Math.min(date.getUTCDate(), last)) / 1000;
  return day + (time - Math.floor(time / DAY) * DAY);
}

// The period that holds this time: { start, end }.
export function periodAt(anchor, recurring, time) {
  let n = Math.floor((time - anchor) / (SECONDS[recurring.interval] * recurring.interval_count)) - 1;
  while (boundary(anchor, recurring, n + 1) <= time) n += 1;
  return { start: boundary(anchor, recurring, n), end: boundary(anchor, recurring, n + 1) };
}

export const sameInterval = (a, b) => a.interval === b.interval && a.interval_count === b.interval_count;
