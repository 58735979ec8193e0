// Fresh objects from the templates in objects/.

import { readFileSync } from 'node:fs';

const cache = new Map();

function template(name) {
  if (!cache.has(name)) {
    const text = readFileSync(new URL(`objects/${name}.json`, import.meta.url), 'utf8');
    cache.set(name, JSON.parse(text));
  }
  return cache.get(name);
}

export function fresh(name, values = {}) {
  return { ...structuredClone(template(name)), ...values };
}
