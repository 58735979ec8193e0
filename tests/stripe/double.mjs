#!/usr/bin/env node
// A local server that plays the part of Stripe. See README.md.

import { parseArgs } from 'node:util';
import { outageModes } from './outage.mjs';
import { DEFAULTS, startDouble } from './server.mjs';

const OPTIONS = {
  port: { type: 'string' },
  key: { type: 'string' },
  state: { type: 'string' },
  'public-url': { type: 'string' },
  'webhook-url': { type: 'string', multiple: true, default: [] },
  'webhook-secret': { type: 'string', multiple: true, default: [] },
  'api-version': { type: 'string' },
  'redirect-wait-ms': { type: 'string' },
  'retry-base-ms': { type: 'string' },
  'retry-max': { type: 'string' },
  'webhook-timeout-ms': { type: 'string' },
  senders: { type: 'string' },
  outage: { type: 'string' },
};

const values = readArguments();

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return fail(error.message);
  }
}

const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

function options() {
  const given = {};
  for (const [name, value] of Object.entries(values)) {
    const key = camel(name);
    if (key in DEFAULTS) given[key] = typeof DEFAULTS[key] === 'number' ? Number(value) : value;
  }
  if (values.outage && !outageModes.includes(values.outage)) fail(`--outage: ${outageModes.join(', ')}`);
  const secrets = values['webhook-secret'];
  if (values['webhook-url'].length > 0 && secrets.length === 0) fail('--webhook-url needs --webhook-secret');
  if (values.key?.startsWith('sk_live_')) fail('the double takes test keys only');
  given.endpoints = values['webhook-url'].map((url) => ({ url, secrets }));
  given.publicUrl = values['public-url']?.replace(/\/$/, '');
  if (given.publicUrl === undefined) delete given.publicUrl;
  return given;
}

function fail(message) {
  console.error(`double: ${message}`);
  process.exit(2);
}

const double = await startDouble(options()).catch((error) => fail(error.message));

if (values.outage) double.outage.set({ mode: values.outage });

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    double.stop();
    process.exit(0);
  });
}

console.log(`double listening on 127.0.0.1:${double.port}`);
