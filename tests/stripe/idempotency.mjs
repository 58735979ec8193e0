// Idempotency keys: the first answer is kept for a day and given again.

import { createHash } from 'node:crypto';
import { DAY } from './clock.mjs';
import { errors } from './errors.mjs';

const inOrder = (value) => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object') return value;
  return Object.keys(value).sort().map((key) => [key, inOrder(value[key])]);
};

const fingerprint = ({ method, path, params }) =>
  createHash('sha256').update(JSON.stringify([method, path, inOrder(params)])).digest('hex');

export class Idempotency {
  #double;
  #running = new Set();

  constructor(double) {
    this.#double = double;
  }

  // The kept answer, or null when this request is the first; then finish() must follow.
  begin(call) {
    if (call.key.length > 255) {
      throw errors.invalid('Idempotency keys can be up to 255 characters long.');
    }
    if (this.#running.has(call.key)) throw errors.keyInUse(call.key);
    const kept = this.#double.store.get('idempotency', call.key);
    if (kept && kept.at > this.#double.clock.now() - DAY) {
      if (kept.fingerprint !== fingerprint(call)) throw errors.otherParameters(call.key);
      return kept;
    }
    this.#running.add(call.key);
    return null;
  }

  keep(call, { status, body }) {
    this.#double.store.put('idempotency', call.key, {
      fingerprint: fingerprint(call), status, body, request: call.id, at: this.#double.clock.now(),
    });
  }

  finish(call) {
    this.#running.delete(call.key);
  }
}
