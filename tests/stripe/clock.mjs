// The double's own time: the real one plus an offset that only moves by a control call.

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const realNow = () => Math.floor(Date.now() / 1000);

export class Clock {
  #store;

  constructor(store) {
    this.#store = store;
  }

  get offset() {
    return this.#store.get('setting', 'clock')?.offset ?? 0;
  }

  now() {
    return realNow() + this.offset;
  }

  advance(seconds) {
    this.#store.put('setting', 'clock', { offset: this.offset + seconds });
  }

  set(time) {
    this.#store.put('setting', 'clock', { offset: time - realNow() });
  }
}
