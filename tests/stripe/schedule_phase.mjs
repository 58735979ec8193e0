// The next phase of a subscription's schedule, when its time has come.

import { announce } from './event.mjs';
import { itemOf, periodOf } from './subscription.mjs';

export const scheduleOf = (double, subscription) => double.store.get('subscription_schedule', subscription.schedule);

const phaseAt = (schedule, time) => schedule.phases.findLast((phase) => phase.start_date <= time) ?? schedule.phases[0];

// { items } of the phase that begins by then, or null. `take: false` only looks.
export function nextPhase(double, subscription, time, { take = true } = {}) {
  const schedule = subscription.schedule && scheduleOf(double, subscription);
  if (!schedule || schedule.status !== 'active') return null;
  const phase = phaseAt(schedule, time);
  if (phase.start_date === schedule.current_phase.start_date) return null;
  const items = itemsOf(double, subscription, phase);
  if (!take) return { items };
  const last = phase === schedule.phases.at(-1);
  schedule.current_phase = { end_date: phase.end_date, start_date: phase.start_date };
  if (last && schedule.end_behavior === 'release') release(double, schedule, subscription, 'completed');
  double.store.put('subscription_schedule', schedule.id, schedule);
  announce(double, 'subscription_schedule.updated', schedule);
  return { items };
}

// As many items as there are keep their ids.
const itemsOf = (double, subscription, phase) => phase.items.map(({ price, quantity, metadata }, i) => {
  const made = itemOf(double, subscription.id, { price: double.store.get('price', price), quantity, metadata }, periodOf(subscription));
  const old = subscription.items.data[i];
  return old ? { ...made, id: old.id, created: old.created } : made;
});

// The subscription goes on by itself.
export function release(double, schedule, subscription, status = 'released') {
  Object.assign(schedule, status === 'released'
    ? { released_at: double.clock.now(), released_subscription: schedule.subscription, subscription: null }
    : { completed_at: double.clock.now() }, { current_phase: null, status });
  double.store.put('subscription_schedule', schedule.id, schedule);
  subscription.schedule = null;
  double.store.put('subscription', subscription.id, subscription);
  return schedule;
}
