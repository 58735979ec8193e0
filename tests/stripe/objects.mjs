// Fresh objects from the templates in objects/.

import { readFileSync } from 'node:fs';

const cache = new Map();

function template(name) {
  if (!cache.has(name)) {
    const text = readFileSync(new URL(`objects/${name}.json`, import.meta.url), 'utf8');
    cache.set(name, frozen(JSON.parse(text)));
  }
  return cache.get(name);
}

function frozen(value) {
  if (value === null || typeof value !== 'object') return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

// Quicker, for what there is very much of: the inner parts are the template's own, to be replaced but never changed.
export function shallow(name, values = {}) {
  return { ...template(name), ...values };
}

export function fresh(name, values = {}) {
  return { ...structuredClone(template(name)), ...values };
}
