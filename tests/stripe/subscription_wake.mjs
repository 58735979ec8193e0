// When something next happens to a subscription by itself.

import { DAY, HOUR } from './clock.mjs';
import { isOver, periodOf } from './subscription.mjs';

const PATIENCE = 23 * HOUR;
const WARNING = 3 * DAY;

export const incompleteUntil = (subscription) => (subscription.status === 'incomplete' ? subscription.created + PATIENCE : null);

export const pendingUntil = (subscription) => subscription.pending_update?.expires_at ?? null;

export const expiryFrom = (now) => now + PATIENCE;

// Three days before the trial ends, once for each end.
export function warnAt(double, { id, status, trial_end: end }) {
  if (status !== 'trialing' || double.store.get('trial_warned', id) === end) return null;
  return end - WARNING;
}

export const collectAgainAt = ({ pause_collection: pause }) => pause?.resumes_at ?? null;

export const cancelAt = ({ cancel_at: at }) => at;

export const renewAt = (subscription) =>
  (['incomplete', 'paused'].includes(subscription.status) ? null : periodOf(subscription).end);

const TIMES = [incompleteUntil, pendingUntil, collectAgainAt, cancelAt, renewAt];

export function wake(double, subscription) {
  if (isOver(subscription)) return double.due.remove(subscription.id);
  let at = warnAt(double, subscription);
  for (const time of TIMES) {
    const one = time(subscription);
    if (one !== null && (at === null || one < at)) at = one;
  }
  if (at === null) return double.due.remove(subscription.id);
  return double.due.put(subscription.id, { subscription: subscription.id, at, what: 'subscription' });
}
