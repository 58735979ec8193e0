// What happens by itself as time passes: sessions expire, bank debits settle, refunds arrive.

import { expire } from './session.mjs';
import { settleDebit } from './payment.mjs';
import { settleRefund } from './refund.mjs';

const ACTIONS = {
  expire: (double, { session }) => {
    const open = double.store.get('session', session);
    if (open?.status === 'open') expire(double, open);
  },
  settle: (double, { session, outcome }) => settleDebit(double, double.store.get('session', session), outcome),
  refund: (double, { refund, outcome }) => settleRefund(double, double.store.get('refund', refund), outcome),
};

export class Due {
  #double;
  #timer;

  constructor(double) {
    this.#double = double;
    this.#timer = setInterval(() => {
      this.run();
      double.store.commit();
    }, 1000);
    this.#timer.unref();
  }

  run() {
    const now = this.#double.clock.now();
    const ripe = this.#double.store.entries('due').filter(([, entry]) => entry.at <= now);
    ripe.sort(([, a], [, b]) => a.at - b.at);
    for (const [id, entry] of ripe) {
      this.#double.store.remove('due', id);
      ACTIONS[entry.what](this.#double, entry);
    }
    return ripe.length;
  }

  // Only this one, if its time has come.
  check(id) {
    const entry = this.#double.store.get('due', id);
    if (entry && entry.at <= this.#double.clock.now()) this.runNow(id);
  }

  // Now, whatever its time.
  runNow(id, changes = {}) {
    const entry = this.#double.store.get('due', id);
    if (!entry) return false;
    this.#double.store.remove('due', id);
    ACTIONS[entry.what](this.#double, { ...entry, ...changes });
    return true;
  }

  stop() {
    clearInterval(this.#timer);
  }
}
