// Ids that look like Stripe's.

import { randomInt } from 'node:crypto';

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
};

export function randomText(length) {
  let text = '';
  while (text.length < length) text += LETTERS[randomInt(LETTERS.length)];
  return text;
}

export function newId(prefix) {
  const [start, length] = SHAPES[prefix];
  return `${prefix}_${start}${randomText(length)}`;
}
