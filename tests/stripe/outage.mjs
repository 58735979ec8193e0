// Bad days of the API, switched on by a control call.
//
// `before`: the request is not carried out. `instead`: it fails once it has begun, so the failure is kept under its key. `after`: it is
// carried out, and what is then done with the answer.

import { errors } from './errors.mjs';

const raise = (make) => () => {
  throw make();
};

const MODES = {
  off: {},
  500: { before: raise(errors.internal) },
  '500-stored': { instead: () => errors.internal() },
  429: { before: raise(errors.rateLimit) },
  lock: { before: raise(errors.lockTimeout) },
  close: { before: () => 'close' },
  timeout: { before: () => 'hang' },
  lost: { after: () => 'close' },
  slow: { after: () => 'wait' },
};

export const outageModes = Object.keys(MODES);

export class Outage {
  #store;

  constructor(store) {
    this.#store = store;
  }

  get now() {
    return { mode: 'off', count: null, delay_ms: 1000, path: '', ...this.#store.get('setting', 'outage') };
  }

  set(values) {
    this.#store.put('setting', 'outage', values);
  }

  // The mode that strikes this request; `count` says how many are still to be struck.
  strike(path) {
    const { mode, count, path: prefix, delay_ms: delay } = this.now;
    if (mode === 'off' || !path.startsWith(prefix)) return { delay };
    if (count !== null) {
      this.set(count <= 1 ? { mode: 'off' } : { ...this.now, count: count - 1 });
    }
    return { ...MODES[mode], delay };
  }
}
