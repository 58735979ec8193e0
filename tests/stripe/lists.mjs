// GET on a collection: newest first, cursors, filters.

import { errors } from './errors.mjs';
import { integer, list, orUnset, request, text } from './schema.mjs';

const PAGING = {
  limit: integer({ min: 1, max: 100 }),
  starting_after: text(),
  ending_before: text(),
};

const RANGE = { gt: (a, b) => a > b, gte: (a, b) => a >= b, lt: (a, b) => a < b, lte: (a, b) => a <= b };

function range(value, path) {
  if (typeof value === 'string') return { is: integer()(value, path) };
  return Object.fromEntries(Object.entries(value).map(([name, item]) => {
    if (!RANGE[name]) throw errors.unknown(`${path}[${name}]`);
    return [name, integer()(item, `${path}[${name}]`)];
  }));
}

const inRange = (bounds, value) => ('is' in bounds
  ? value === bounds.is
  : Object.entries(bounds).every(([name, bound]) => RANGE[name](value, bound)));

export const created = { type: range, test: (bounds, object) => inRange(bounds, object.created) };

export const equal = (name, type = text()) => ({ type, test: (value, object) => object[name] === value });

export const anyOf = (name) => ({
  type: list(text()),
  test: (values, object) => values.includes(object[name]),
});

// `filters`: parameter name -> { type, test }.
export function listing(kind, url, filters = {}) {
  const types = Object.fromEntries(Object.entries(filters).map(([name, { type }]) => [name, orUnset(type)]));
  const check = request({ ...PAGING, ...types });
  return ({ double, params }) => {
    const given = check(params);
    const tests = Object.entries(filters).filter(([name]) => given[name] !== undefined && given[name] !== null);
    const matches = (object) => tests.every(([name, { test }]) => test(given[name], object));
    if (given.ending_before !== undefined) return page(double.store.all(kind).reverse().filter(matches), given, kind, url);
    return firstPage(double, given, kind, url, matches);
  };
}

// Looks no further than it must: there may be very many.
function firstPage(double, given, kind, url, matches) {
  const { limit = 10, starting_after: after } = given;
  if (after !== undefined && !double.store.get(kind, after)) throw errors.noSuch(kind.split('.').at(-1), after, 'starting_after');
  const data = [];
  for (const object of double.store.newest(kind, after)) {
    if (!matches(object)) continue;
    if (data.length === limit) return { object: 'list', data, has_more: true, url, expand: given.expand };
    data.push(object);
  }
  return { object: 'list', data, has_more: false, url, expand: given.expand };
}

export function page(rows, given, kind, url) {
  const limit = given.limit ?? 10;
  const index = (name) => {
    const found = rows.findIndex((row) => row.id === given[name]);
    if (found < 0) throw errors.noSuch(kind.split('.').at(-1), given[name], name);
    return found;
  };
  let from = 0;
  let to = rows.length;
  if (given.starting_after !== undefined) from = index('starting_after') + 1;
  if (given.ending_before !== undefined) to = index('ending_before');
  const backwards = given.ending_before !== undefined;
  const data = backwards ? rows.slice(from, to).slice(-limit) : rows.slice(from, to).slice(0, limit);
  return { object: 'list', data, has_more: to - from > data.length, url, expand: given.expand };
}

export const pagingOnly = request(PAGING);
