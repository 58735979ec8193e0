// Events: made once, in the shape the object had then, never rendered again.

import { newId } from './ids.mjs';
import { DAY } from './clock.mjs';
import { errors } from './errors.mjs';
import { anyOf, created, listing } from './lists.mjs';
import { anything, boolean, request } from './schema.mjs';

export function emit(double, type, object, previous) {
  return tell(double, type, structuredClone(object), previous && structuredClone(previous));
}

// Quicker, for objects of which only whole fields are ever replaced (see `amend`).
export function announce(double, type, object, previous) {
  return tell(double, type, { ...object }, previous);
}

function tell(double, type, object, previous) {
  const version = double.rendering;
  const data = version.legacy ? version.legacy(double, object, previous) : { object };
  if (!version.legacy && previous && Object.keys(previous).length > 0) data.previous_attributes = previous;
  const event = {
    id: newId('evt'),
    object: 'event',
    api_version: version.name,
    created: double.clock.now(),
    data,
    livemode: false,
    pending_webhooks: double.webhooks.wanting(type).length,
    request: double.request ?? { id: null, idempotency_key: null },
    type,
  };
  double.store.put('event', event.id, event);
  double.webhooks.send(event);
  return event;
}

// Runs `change`, saves the object, and tells what it was before: the previous_attributes of an update.
export function update(double, kind, object, change) {
  const before = structuredClone(object);
  change(object);
  double.store.put(kind, object.id, object);
  const previous = {};
  for (const key of Object.keys(object)) {
    const old = before[key] ?? null;
    if (JSON.stringify(old) !== JSON.stringify(object[key])) previous[key] = changedPart(old, object[key]);
  }
  return previous;
}

// As `update`, with the new fields given.
export function amend(double, kind, object, changes) {
  const previous = {};
  for (const [key, value] of Object.entries(changes)) {
    const old = object[key] ?? null;
    if (old !== value && !(typeof value === 'object' && JSON.stringify(old) === JSON.stringify(value))) {
      previous[key] = changedPart(old, value);
    }
  }
  double.store.put(kind, object.id, Object.assign(object, changes));
  return previous;
}

// Of a changed object only the changed keys; arrays and plain values whole.
function changedPart(old, now) {
  const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  if (!isObject(old) || !isObject(now)) return old;
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return Object.fromEntries(keys
    .filter((key) => JSON.stringify(old[key]) !== JSON.stringify(now[key]))
    .map((key) => [key, old[key] ?? null]));
}

const DAYS_KEPT = 30;

const listAll = listing('event', '/v1/events', {
  type: { type: anything, test: (type, event) => matches(type, event.type) },
  types: anyOf('type'),
  created,
  delivery_success: {
    type: boolean,
    test: (wanted, event) => wanted === (event.pending_webhooks === 0),
  },
});

// `charge.*` stands for all of them.
const matches = (wanted, type) => (wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted);

// As Stripe does; but what is still to be delivered stays, and all that came after it.
export function forgetOld(double) {
  const oldest = double.clock.now() - DAYS_KEPT * DAY;
  for (const event of double.store.values('event')) {
    if (event.created >= oldest || !double.webhooks.forgetEvent(event.id)) break;
    double.store.remove('event', event.id);
  }
}

export function listEvents(call) {
  forgetOld(call.double);
  return listAll(call);
}

const onlyExpand = request({});
const retryParameters = request({ for_stripecli: boolean, webhook_endpoint: anything, account: anything });

function find(double, id) {
  return double.store.get('event', id) ?? raise(errors.notFound('event', id));
}

function raise(error) {
  throw error;
}

export function retrieveEvent({ double, args, params }) {
  onlyExpand(params);
  return find(double, args.id);
}

// What `stripe events resend` calls.
export function resendEvent({ double, args, params }) {
  retryParameters(params);
  const event = find(double, args.id);
  double.webhooks.send(event);
  return event;
}
