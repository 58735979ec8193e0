// PaymentIntents of their own: enough for `stripe trigger` and for setting a scene; shops use sessions.

import { change, currency } from './catalog.mjs';
import { emit } from './event.mjs';
import { errors } from './errors.mjs';
import { markPaid } from './invoice_pay.mjs';
import { paymentFor } from './invoice_payment.mjs';
import { created, equal, listing } from './lists.mjs';
import { checkAmount, MAX_AMOUNT, minimumCharge } from './money.mjs';
import { addIntent, refuse, succeed } from './payment.mjs';
import { openDispute } from './dispute.mjs';
import { methodFor } from './payment_method.mjs';
import { anything, boolean, email, integer, list, metadata, oneOf, request, text, url } from './schema.mjs';

const check = request({
  amount: integer({ min: 1, max: MAX_AMOUNT }), automatic_payment_methods: anything, capture_method: text(), confirm: boolean,
  currency, customer: text(), description: text({ max: 1000 }), metadata, off_session: boolean, payment_method: text(),
  payment_method_options: anything, payment_method_types: list(text()), receipt_email: email, return_url: url,
  setup_future_usage: oneOf('off_session', 'on_session'), shipping: anything, statement_descriptor: text({ max: 22 }),
  error_on_requires_action: boolean,
}, { required: ['amount', 'currency'] });

const confirmParameters = request({ payment_method: text(), return_url: url, off_session: boolean });

const KEPT = ['amount', 'currency', 'customer', 'description', 'payment_method', 'payment_method_types', 'receipt_email',
  'setup_future_usage', 'shipping', 'statement_descriptor'];

export function createIntent({ double, params }) {
  const given = check(params);
  checkAmount(given.amount, given.currency, 'amount');
  if (given.amount < minimumCharge(given.currency)) throw errors.tooSmall('amount');
  if (given.customer && !double.store.get('customer', given.customer)) throw errors.noSuch('customer', given.customer, 'customer');
  const paying = given.payment_method ? methodFor(double, given.payment_method, 'payment_method') : null;
  if (given.confirm && !paying && given.off_session) throw errors.noPaymentMethod();
  const kept = Object.fromEntries(KEPT.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]));
  const intent = addIntent(double, {
    ...kept, metadata: given.metadata ?? {}, payment_method: paying?.id ?? null,
    status: paying ? 'requires_confirmation' : 'requires_payment_method',
  });
  return given.confirm ? confirm(double, intent, paying) : intent;
}

function confirm(double, intent, paying) {
  if (!paying) throw errors.missing('payment_method');
  if (!paying.method.what) throw errors.invalid('The test double pays by bank debit in Checkout Sessions only.', 'payment_method');
  const { what, because, then } = paying.method;
  if (what === 'decline') throw errors.declined(refuse(double, intent, paying, because));
  if (what === '3ds') {
    intent.status = 'requires_action';
    double.store.put('payment_intent', intent.id, intent);
    emit(double, 'payment_intent.requires_action', intent);
    return intent;
  }
  const charge = succeed(double, intent, paying);
  payInvoiceOf(double, intent);
  if (then) openDispute(double, charge, { status: then.dispute, reason: then.reason });
  return intent;
}

// The first invoice of an incomplete subscription is paid so, by the buyer.
function payInvoiceOf(double, intent) {
  const invoice = double.store.get('invoice', paymentFor(double, intent.id)?.invoice);
  if (invoice?.status === 'open') markPaid(double, invoice);
}

const find = (double, id) => {
  const intent = double.store.get('payment_intent', id);
  if (!intent) throw errors.notFound('payment_intent', id, 'intent');
  return intent;
};

const OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

export function confirmIntent({ double, args, params }) {
  const given = confirmParameters(params);
  const intent = find(double, args.id);
  if (!OPEN.includes(intent.status)) throw unexpected(intent, 'confirm');
  const method = given.payment_method ?? intent.payment_method;
  return confirm(double, intent, method && methodFor(double, method, 'payment_method'));
}

export function cancelIntent({ double, args, params }) {
  const { cancellation_reason: reason = null } = request({ cancellation_reason: text() })(params);
  const intent = find(double, args.id);
  if (!OPEN.includes(intent.status)) throw unexpected(intent, 'cancel');
  Object.assign(intent, { status: 'canceled', canceled_at: double.clock.now(), cancellation_reason: reason });
  double.store.put('payment_intent', intent.id, intent);
  emit(double, 'payment_intent.canceled', intent);
  return intent;
}

const unexpected = (intent, verb) => errors.coded('payment_intent_unexpected_state',
  `You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}.`);

const onlyExpand = request({ client_secret: text() });

export function retrieveIntent({ double, args, params }) {
  onlyExpand(params);
  return find(double, args.id);
}

export const updateIntent = change('payment_intent', request({ description: text(), metadata, receipt_email: email }));

export const listIntents = listing('payment_intent', '/v1/payment_intents', { created, customer: equal('customer') });
