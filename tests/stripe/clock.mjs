// The double's own time: the real one plus an offset that only moves by a control call.

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const realNow = () => Math.floor(Date.now() / 1000);

export class Clock {
  #store;
  #pinned = null;

  constructor(store) {
    this.#store = store;
  }

  get offset() {
    return this.#store.get('setting', 'clock')?.offset ?? 0;
  }

  now() {
    return this.#pinned ?? realNow() + this.offset;
  }

  // Does the work as of that time.
  during(time, work) {
    const before = this.#pinned;
    this.#pinned = time;
    try {
      return work();
    } finally {
      this.#pinned = before;
    }
  }

  advance(seconds) {
    this.#store.put('setting', 'clock', { offset: this.offset + seconds });
  }

  set(time) {
    this.#store.put('setting', 'clock', { offset: time - realNow() });
  }
}
