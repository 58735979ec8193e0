// Checkout Sessions: open until paid or expired.

import { checkDiscounts, couponOf, discountOf } from './discount.mjs';
import { emit } from './event.mjs';
import { errors } from './errors.mjs';
import { newId } from './ids.mjs';
import { makeLines, spreadDiscount, sum } from './line_items.mjs';
import { created, equal, listing, page, pagingOnly } from './lists.mjs';
import { MAX_AMOUNT, minimumCharge } from './money.mjs';
import { fresh } from './objects.mjs';
import { mergeMetadata, metadata, request } from './schema.mjs';
import { checkSession, DEFAULT_LIFE } from './session_parameters.mjs';
import { taxSession } from './tax.mjs';

const KEPT = [
  'cancel_url', 'client_reference_id', 'customer', 'customer_email', 'allow_promotion_codes', 'success_url', 'locale',
  'mode', 'submit_type', 'billing_address_collection', 'origin_context', 'integration_identifier',
];

const TAXED = { enabled: true, liability: { type: 'self' }, provider: 'stripe', status: 'requires_location_inputs' };

export function createSession({ double, params, version }) {
  const given = checkSession(double, params, version);
  const ofMode = MODES[given.mode](given);
  const lines = makeLines(double, given.line_items, { mode: given.mode, trial: ofMode.trial });
  const money = lines[0].currency;
  const discounts = given.discounts ?? [];
  checkDiscounts(double, discounts, money);
  const session = fresh('checkout.session', {
    ...Object.fromEntries(KEPT.filter((key) => given[key] !== undefined).map((key) => [key, given[key]])),
    id: newId('cs_test'),
    created: double.clock.now(),
    currency: money,
    expires_at: given.expires_at ?? double.clock.now() + DEFAULT_LIFE,
    metadata: given.metadata ?? {},
    payment_method_types: methodTypes(given, money),
    ...ofMode.fields,
    discounts: discounts.map(({ coupon = null, promotion_code = null }) => ({ coupon, promotion_code })),
  });
  session.url = `${double.options.publicUrl}/c/pay/${session.id}`;
  if (given.automatic_tax?.enabled) session.automatic_tax = TAXED;
  if (given.phone_number_collection) session.phone_number_collection.enabled = given.phone_number_collection.enabled;
  session.customer_details = knownCustomer(double, session);
  double.store.put('line_items', session.id, lines);
  total(double, session);
  checkTotal(session);
  double.store.put('payment_intent_data', session.id, given.payment_intent_data ?? {});
  if (given.mode === 'subscription') double.store.put('subscription_data', session.id, given.subscription_data ?? {});
  double.due.put(session.id, { session: session.id, at: session.expires_at, what: 'expire' });
  return double.store.put('session', session.id, session);
}

const MODES = {
  payment: (given) => ({ fields: { customer_creation: given.customer ? null : given.customer_creation ?? 'if_required' } }),
  subscription: (given) => ({
    fields: {
      customer_creation: given.customer ? null : 'always', invoice_creation: null,
      payment_method_collection: given.payment_method_collection ?? 'always',
    },
    trial: Boolean(given.subscription_data?.trial_end ?? given.subscription_data?.trial_period_days),
  }),
};

// Subscriptions are paid by card here.
function methodTypes(given, money) {
  if (given.mode === 'subscription') return ['card'];
  const usual = money === 'eur' ? ['card', 'sepa_debit'] : ['card'];
  const wanted = given.payment_method_types ?? given.allowed_payment_method_types;
  if (wanted) return wanted;
  return usual.filter((type) => !given.excluded_payment_method_types?.includes(type));
}

function knownCustomer(double, session) {
  const customer = double.store.get('customer', session.customer);
  const email = customer?.email ?? session.customer_email;
  return email ? customerDetails({ email, name: customer?.name ?? null }) : null;
}

export function customerDetails({ email, name = null, address = null, phone = null }) {
  const none = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
  return {
    address: { ...none, ...address }, business_name: null, email, individual_name: null, name, phone,
    tax_exempt: 'none', tax_ids: [],
  };
}

// Amounts from lines and discounts; to be called after either changed.
export function total(double, session) {
  const lines = double.store.get('line_items', session.id);
  const subtotal = sum(lines, 'amount_subtotal');
  const discount = session.discounts.reduce(
    (so, one) => so + discountOf(couponOf(double, one), subtotal - so), 0);
  spreadDiscount(lines, discount);
  const { tax, added } = session.automatic_tax.status === 'complete' ? taxSession(double, lines) : { tax: 0, added: 0 };
  double.store.put('line_items', session.id, lines);
  session.amount_subtotal = subtotal;
  session.amount_total = subtotal - discount + added;
  session.total_details.amount_discount = discount;
  session.total_details.amount_tax = tax;
}

// The buyer is there: now Stripe knows where they are, and with that the tax.
export function locate(double, session) {
  if (session.automatic_tax.status !== 'requires_location_inputs') return;
  session.automatic_tax = { ...session.automatic_tax, status: 'complete' };
  total(double, session);
  double.store.put('session', session.id, session);
}

function checkTotal({ amount_total: amount, currency }) {
  if (amount > MAX_AMOUNT) {
    throw errors.coded('amount_too_large', 'The Checkout Session\'s total amount is too large.', 'line_items');
  }
  if (amount === 0 || amount >= minimumCharge(currency)) return;
  throw errors.coded('amount_too_small',
    'The Checkout Session\'s total amount must convert to at least 50 cents.', 'line_items');
}

// Expires it first if its time has come.
export function findSession(double, id) {
  double.due.check(id);
  const session = double.store.get('session', id);
  if (!session) throw errors.notFound('checkout.session', id);
  return session;
}

export function expire(double, session) {
  session.status = 'expired';
  session.url = null;
  double.store.put('session', session.id, session);
  double.store.remove('due', session.id);
  emit(double, 'checkout.session.expired', session);
  return session;
}

const onlyExpand = request({});
const updateParameters = request({ metadata });

export function retrieveSession({ double, args, params }) {
  onlyExpand(params);
  return findSession(double, args.id);
}

export function updateSession({ double, args, params }) {
  const given = updateParameters(params);
  const session = findSession(double, args.id);
  session.metadata = mergeMetadata(session.metadata, given.metadata);
  return double.store.put('session', session.id, session);
}

export function expireSession({ double, args, params }) {
  onlyExpand(params);
  const session = findSession(double, args.id);
  if (session.status === 'open') return expire(double, session);
  throw errors.invalid('Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a ' +
    `status of ${session.status}.`);
}

export function sessionLines({ double, args, params }) {
  const given = pagingOnly(params);
  const session = findSession(double, args.id);
  const lines = double.store.get('line_items', session.id);
  return page(lines, given, 'item', `/v1/checkout/sessions/${session.id}/line_items`);
}

export const listSessions = listing('session', '/v1/checkout/sessions', {
  created, customer: equal('customer'), payment_intent: equal('payment_intent'), status: equal('status'),
  subscription: equal('subscription'),
  customer_details: { type: (value) => value, test: ({ email }, session) => session.customer_details?.email === email },
});
