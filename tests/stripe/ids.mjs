// Ids that look like Stripe's.

import { randomFillSync } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

// Digits and letters after the underscore: a fixed start, then how many random ones.
const SHAPES = {
  cs_test: ['a1', 58],
  pi: ['3', 23],
  ch: ['3', 23],
  py: ['3', 23],
  re: ['3', 23],
  pyr: ['1', 23],
  txn: ['3', 23],
  evt: ['1', 23],
  du: ['1', 23],
  pm: ['1', 23],
  li: ['1', 23],
  di: ['1', 23],
  price: ['1', 23],
  promo: ['1', 23],
  prod: ['', 14],
  cus: ['', 14],
  req: ['', 14],
  sub: ['1', 23],
  si: ['', 14],
  sub_sched: ['1', 23],
  in: ['1', 23],
  il: ['1', 23],
  ii: ['1', 23],
  inpay: ['1', 23],
  seti: ['1', 23],
  bpc: ['1', 23],
  bps: ['1', 23],
};

const CODES = Buffer.from(LETTERS);
const pool = new Uint8Array(8192);
let taken = pool.length;

// Six random bits, drawn again when there is no letter for them.
function letter() {
  for (;;) {
    if (taken === pool.length) {
      randomFillSync(pool);
      taken = 0;
    }
    const index = pool[taken] & 63;
    taken += 1;
    if (index < CODES.length) return CODES[index];
  }
}

const scratch = Buffer.alloc(256);

export function randomText(length) {
  for (let i = 0; i < length; i += 1) scratch[i] = letter();
  return scratch.latin1Slice(0, length);
}

export function newId(prefix) {
  const [start, length] = SHAPES[prefix];
  return `${prefix}_${start}${randomText(length)}`;
}
