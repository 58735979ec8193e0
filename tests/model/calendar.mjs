// Months as people count them: the same day and time, or the month's last day; all in UTC.

export const DAY = 86400;

export function addMonths(anchor, count) {
  const from = new Date(anchor * 1000);
  const first = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + count, 1);
  const days = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + count + 1, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), days);
  return first / 1000 + (day - 1) * DAY + (anchor - Math.floor(anchor / DAY) * DAY);
}

// The month, counted from the anchor, that holds a moment.
export function monthOf(anchor, at) {
  let count = 0;
  while (addMonths(anchor, count + 1) <= at) count++;
  while (addMonths(anchor, count) > at) count--;
  return { start: addMonths(anchor, count), end: addMonths(anchor, count + 1) };
}
