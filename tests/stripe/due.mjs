// What happens by itself as time passes: sessions expire, bank debits settle, refunds arrive,
// subscriptions renew. Each thing happens at its own time, however far the clock jumps.

import { forgetOld } from './event.mjs';
import { Heap } from './heap.mjs';
import { invoiceDue } from './invoice_pay.mjs';
import { settleDebit } from './payment.mjs';
import { settleRefund } from './refund.mjs';
import { expire } from './session.mjs';
import { subscriptionDue } from './subscription_life.mjs';

const ACTIONS = {
  expire: (double, { session }) => {
    const open = double.store.get('session', session);
    if (open?.status === 'open') expire(double, open);
  },
  settle: (double, { session, outcome }) => settleDebit(double, double.store.get('session', session), outcome),
  refund: (double, { refund, outcome }) => settleRefund(double, double.store.get('refund', refund), outcome),
  invoice: (double, { invoice }) => invoiceDue(double, double.store.get('invoice', invoice)),
  subscription: (double, { subscription }) => subscriptionDue(double, double.store.get('subscription', subscription)),
};

// So many things between two lines of the journal.
const BATCH = 250;

export class Due {
  #double;
  #timer;
  #heap = new Heap();

  constructor(double) {
    this.#double = double;
    for (const [id, entry] of double.store.entries('due')) this.#heap.push(entry.at, [id, entry]);
    this.#timer = setInterval(() => {
      this.run();
      double.store.commit();
    }, 1000);
    this.#timer.unref();
  }

  // One thing per id: a new one replaces the old.
  put(id, entry) {
    this.#double.store.put('due', id, entry);
    this.#heap.push(entry.at, [id, entry]);
  }

  remove(id) {
    if (this.#double.store.get('due', id)) this.#double.store.remove('due', id);
  }

  run() {
    const now = this.#double.clock.now();
    let done = 0;
    while (this.#heap.size > 0 && this.#heap.first.at <= now) {
      const [id, entry] = this.#heap.pop().value;
      if (this.#double.store.get('due', id) !== entry) continue; // replaced or removed since
      this.#act(id, entry, entry.at);
      done += 1;
      if (done % BATCH === 0) this.#breathe();
    }
    return done;
  }

  #breathe() {
    this.#double.store.commit();
    forgetOld(this.#double);
  }

  #act(id, entry, at) {
    this.#double.store.remove('due', id);
    this.#double.clock.during(at, () => ACTIONS[entry.what](this.#double, entry));
  }

  // Only this one, if its time has come.
  check(id) {
    const entry = this.#double.store.get('due', id);
    if (entry && entry.at <= this.#double.clock.now()) this.#act(id, entry, entry.at);
  }

  // Now, whatever its time.
  runNow(id, changes = {}) {
    const entry = this.#double.store.get('due', id);
    if (!entry) return false;
    this.#act(id, { ...entry, ...changes }, this.#double.clock.now());
    return true;
  }

  forget() {
    this.#heap.clear();
  }

  stop() {
    clearInterval(this.#timer);
  }
}
