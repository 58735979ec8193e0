// Customers.

import { change } from './catalog.mjs';
import { emit } from './event.mjs';
import { errors } from './errors.mjs';
import { newId, randomText } from './ids.mjs';
import { created, equal, listing } from './lists.mjs';
import { fresh } from './objects.mjs';
import { anything, email, list, metadata, oneOf, orUnset, request, text } from './schema.mjs';

const CUSTOMER = {
  address: orUnset(anything), description: orUnset(text()), email: orUnset(email), invoice_settings: anything, metadata,
  name: orUnset(text({ max: 256 })), phone: orUnset(text({ max: 20 })), preferred_locales: list(text()),
  shipping: orUnset(anything), tax_exempt: orUnset(oneOf('none', 'exempt', 'reverse')),
};

const check = request(CUSTOMER);
const onlyExpand = request({});

const KEPT = ['address', 'description', 'email', 'name', 'phone', 'preferred_locales', 'shipping', 'tax_exempt'];

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

export const createCustomer = ({ double, params }) => addCustomer(double, check(params));

export function retrieveCustomer({ double, args, params }) {
  onlyExpand(params);
  const customer = double.store.get('customer', args.id);
  if (customer) return customer;
  if (double.store.get('deleted_customer', args.id)) return gone(args.id);
  throw errors.notFound('customer', args.id);
}

const gone = (id) => ({ id, object: 'customer', deleted: true });

export const updateCustomer = change('customer', check);

export function deleteCustomer({ double, args }) {
  const customer = double.store.get('customer', args.id);
  if (!customer) throw errors.notFound('customer', args.id);
  double.store.remove('customer', customer.id);
  double.store.put('deleted_customer', customer.id, { id: customer.id });
  emit(double, 'customer.deleted', customer);
  return gone(customer.id);
}

export const listCustomers = listing('customer', '/v1/customers', { created, email: equal('email') });
