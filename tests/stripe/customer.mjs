// Customers.

import { emit, update } from './event.mjs';
import { errors } from './errors.mjs';
import { newId, randomText } from './ids.mjs';
import { created, equal, listing } from './lists.mjs';
import { fresh } from './objects.mjs';
import { attach, methodFor, methodOfCustomer } from './payment_method.mjs';
import { anything, email, integer, list, mergeMetadata, metadata, oneOf, orUnset, request, shape, text } from './schema.mjs';

const CUSTOMER = {
  address: orUnset(anything), balance: integer(), description: orUnset(text()), email: orUnset(email),
  invoice_settings: shape({ custom_fields: anything, default_payment_method: orUnset(text()), footer: anything, rendering_options: anything }),
  metadata,
  name: orUnset(text({ max: 256 })), phone: orUnset(text({ max: 20 })), preferred_locales: list(text()),
  shipping: orUnset(anything), tax_exempt: orUnset(oneOf('none', 'exempt', 'reverse')),
};

const check = request(CUSTOMER);
const createParameters = request({ ...CUSTOMER, payment_method: text() });
const onlyExpand = request({});

const KEPT = ['address', 'balance', 'description', 'email', 'name', 'phone', 'preferred_locales', 'shipping', 'tax_exempt'];

export function addCustomer(double, given) {
  const kept = Object.fromEntries(KEPT.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]));
  const customer = fresh('customer', {
    ...kept, id: newId('cus'), created: double.clock.now(), metadata: given.metadata ?? {},
    invoice_prefix: randomText(8).toUpperCase(),
  });
  double.store.put('customer', customer.id, customer);
  emit(double, 'customer.created', customer);
  return customer;
}

export function createCustomer({ double, params }) {
  const given = createParameters(params);
  const customer = addCustomer(double, given);
  const { payment_method: method, invoice_settings: settings } = given;
  const { id } = method ? methodFor(double, method, 'payment_method') : {};
  if (id) attach(double, double.store.get('payment_method', id), customer.id);
  const own = settings && settings.default_payment_method === method ? { default_payment_method: id } : {};
  if (settings) saveSettings(double, customer, { ...settings, ...own });
  return double.store.put('customer', customer.id, customer);
}

function saveSettings(double, customer, settings) {
  const wanted = settings.default_payment_method;
  const named = wanted ? methodOfCustomer(double, wanted, customer.id, 'invoice_settings[default_payment_method]') : wanted;
  customer.invoice_settings = {
    ...customer.invoice_settings, ...settings, ...(named === undefined ? {} : { default_payment_method: named }),
  };
}

export function retrieveCustomer({ double, args, params }) {
  onlyExpand(params);
  const customer = double.store.get('customer', args.id);
  if (customer) return customer;
  if (double.store.get('deleted_customer', args.id)) return gone(args.id);
  throw errors.notFound('customer', args.id);
}

const gone = (id) => ({ id, object: 'customer', deleted: true });

export function updateCustomer({ double, args, params }) {
  const { metadata: notes, expand: _, invoice_settings: settings, ...rest } = check(params);
  const customer = double.store.get('customer', args.id);
  if (!customer) throw errors.notFound('customer', args.id);
  const previous = update(double, 'customer', customer, () => {
    Object.assign(customer, rest);
    customer.metadata = mergeMetadata(customer.metadata, notes);
    if (settings) saveSettings(double, customer, settings);
  });
  if (Object.keys(previous).length > 0) emit(double, 'customer.updated', customer, previous);
  return customer;
}

export function deleteCustomer({ double, args }) {
  const customer = double.store.get('customer', args.id);
  if (!customer) throw errors.notFound('customer', args.id);
  double.store.remove('customer', customer.id);
  double.store.put('deleted_customer', customer.id, { id: customer.id });
  emit(double, 'customer.deleted', customer);
  return gone(customer.id);
}

export const listCustomers = listing('customer', '/v1/customers', { created, email: equal('email') });
