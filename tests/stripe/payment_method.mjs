// POST /v1/payment_methods. What a test number will do is kept beside the object, out of the answers.

import { cardOf, decline, ibanOf, numberOfToken } from './cards.mjs';
import { amend, announce } from './event.mjs';
import { errors } from './errors.mjs';
import { newId, randomText } from './ids.mjs';
import { equal, listing } from './lists.mjs';
import { anything, metadata, oneOf, request, shape, text } from './schema.mjs';

const check = request({
  type: oneOf('card', 'sepa_debit'), billing_details: anything, metadata, allow_redisplay: text(),
  card: shape({ token: text(), number: text(), exp_month: text(), exp_year: text(), cvc: text() }),
  sepa_debit: shape({ iban: text() }, { required: ['iban'] }),
}, { required: ['type'] });

const DETAILS = {
  card: (method) => ({
    brand: method.brand, checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: method.country, display_brand: method.brand, exp_month: 12, exp_year: 2034, fingerprint: randomText(16),
    funding: method.funding, generated_from: null, last4: method.last4, networks: { available: [method.brand], preferred: null },
    regulated_status: 'unregulated', three_d_secure_usage: { supported: true }, wallet: null,
  }),
  sepa_debit: (method) => ({
    bank_code: method.iban.slice(4, 9), branch_code: '', country: method.country, fingerprint: randomText(16),
    generated_from: { charge: null, setup_attempt: null }, last4: method.last4,
  }),
};

export function addPaymentMethod(double, method, billing = {}) {
  const object = {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: billingDetails(billing),
    created: double.clock.now(),
    customer: null,
    customer_account: null,
    [method.type]: DETAILS[method.type](method),
    livemode: false,
    metadata: {},
    type: method.type,
  };
  double.store.put('test_method', object.id, method);
  return double.store.put('payment_method', object.id, object);
}

export function billingDetails({ address, email = null, name = null, phone = null }) {
  const none = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
  return { address: { ...none, ...address }, email, name, phone, tax_id: null };
}

const SOURCES = {
  card: (given) => {
    if (!given.card) throw errors.missing('card');
    const number = given.card.token ? numberOfToken(given.card.token) : given.card.number;
    if (number === undefined) throw errors.noSuch('token', given.card.token, 'card[token]');
    const card = cardOf(number);
    if (typeof card === 'string') throw errors.coded('incorrect_number', 'Your card number is incorrect.', 'card[number]');
    return card;
  },
  sepa_debit: (given) => {
    if (!given.sepa_debit) throw errors.missing('sepa_debit');
    const debit = ibanOf(given.sepa_debit.iban);
    if (typeof debit === 'string') {
      throw errors.coded('invalid_bank_account_iban', 'The IBAN you provided is invalid.', 'sepa_debit[iban]');
    }
    return debit;
  },
};

// The id of a payment method that is the customer's. A ready-made one (pm_card_visa) is made and attached in passing.
export function methodOfCustomer(double, id, customer, param) {
  const { id: real } = methodFor(double, id, param);
  const object = double.store.get('payment_method', real);
  if (real !== id) attach(double, object, customer);
  if (object.customer !== customer) {
    throw errors.invalid(`The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
      param);
  }
  return real;
}

export function attach(double, object, customer) {
  object.customer = customer;
  double.store.put('payment_method', object.id, object);
  announce(double, 'payment_method.attached', object);
  return object;
}

const attachParameters = request({ customer: text() }, { required: ['customer'] });

export function attachMethod({ double, args, params }) {
  const { customer } = attachParameters(params);
  if (!double.store.get('customer', customer)) throw errors.noSuch('customer', customer, 'customer');
  const { id, method } = methodFor(double, args.id, 'id');
  if (method.what === 'decline' && !method.attach) throw errors.declined(decline(method.because));
  return attach(double, double.store.get('payment_method', id), customer);
}

export function detachMethod({ double, args, params }) {
  request({})(params);
  const object = double.store.get('payment_method', args.id);
  if (!object) throw errors.notFound('payment_method', args.id);
  announce(double, 'payment_method.detached', object, amend(double, 'payment_method', object, { customer: null }));
  return object;
}

const filters = { customer: equal('customer'), type: equal('type') };

export const listMethods = listing('payment_method', '/v1/payment_methods', filters);

export const customerMethods = (call) => ({
  ...listMethods({ ...call, params: { ...call.params, customer: call.args.id } }), url: `/v1/customers/${call.args.id}/payment_methods`,
});

export function createPaymentMethod({ double, params }) {
  const given = check(params);
  const method = SOURCES[given.type](given);
  const object = addPaymentMethod(double, method, given.billing_details);
  object.metadata = given.metadata ?? {};
  return object;
}

// pm_… that was created, or one of the ready-made pm_card_… ones.
export function methodFor(double, id, param) {
  const known = double.store.get('test_method', id);
  if (known) return { id, method: known };
  const number = numberOfToken(id);
  if (!number) throw errors.noSuch('PaymentMethod', id, param);
  const method = cardOf(number);
  return { id: addPaymentMethod(double, method).id, method };
}
