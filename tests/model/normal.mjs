// Both sides in one form: what a customer could notice, and nothing else. What is over is over, whatever it is called inside.

const over = (state, until, now) => (state === 'expired' || (state !== 'revoked' && until !== null && until <= now) ? 'over' : state);

const sorted = (list) => list.map((one) => JSON.stringify(one)).sort();

const right = ({ order, kind, state, until }, now) => {
  const seen = over(state, until, now);
  return { order, kind, state: seen, ...(['active', 'suspended'].includes(seen) ? { until } : {}) };
};

// While a dispute stops the clock of what was bought, its end moves with every day, and what waits behind it moves along: in one
// step or in several, by what was heard. Here each stands where it will when the dispute ends now.
const stopped = ({ module, state, since, from, until }, now) =>
  (module === 'studio' && state === 'suspended' && until !== null ? Math.max(0, now - Math.max(since, from)) : 0);

function moved(accesses, now) {
  return accesses.map((one) => {
    const before = accesses.filter((each) => each !== one && each.level === one.level && each.module === one.module && each.from < one.from);
    const shift = before.reduce((sum, each) => sum + stopped(each, now), 0);
    return { ...one, from: one.from + shift, until: one.until === null ? null : one.until + shift + stopped(one, now) };
  });
}

function access({ order, module, level, state, from, until, uses }, now) {
  const seen = over(state, until, now);
  const times = { ...(module === 'studio' ? { from } : {}), until };
  return { order, module, level, state: seen, ...(['active', 'suspended'].includes(seen) ? { ...times, uses } : {}) };
}

const lot = ({ kind, granted, remaining, state, until }, now) =>
  ({ kind, granted, remaining, until, state: until !== null && until <= now ? 'over' : state });

export function normal(state, now) {
  return {
    orders: sorted(state.orders.map(({ number, state: at, review, refunded }) => ({ number, state: at, review, refunded }))),
    rights: sorted(state.rights.map((one) => right(one, now))),
    licenses: sorted(state.licenses.map((one) => right(one, now))),
    accesses: sorted(moved(state.accesses, now).map((one) => access(one, now))),
    subscriptions: sorted(state.subscriptions.map(({ id, status, plan, paid }) => ({ id, status, plan, paid }))),
    lots: sorted(state.lots.map((one) => lot(one, now))),
    balance: state.balance,
    lines: Object.fromEntries(GRANTS.map((kind) => [kind, state.lines[kind] ?? 0])),
  };
}

// When tokens go because of expiry, refund or dispute depends on when that was heard; what came and was spent does not.
const GRANTS = ['subscription_initial', 'subscription_renewal', 'subscription_trial', 'pack_purchase', 'upgrade', 'debit'];
