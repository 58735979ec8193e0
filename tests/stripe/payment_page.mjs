// The private API behind the hosted page, as far as `stripe trigger checkout.session.*` uses it.

import { errors } from './errors.mjs';
import { paySession } from './payment.mjs';
import { methodFor } from './payment_method.mjs';
import { integer, request, text } from './schema.mjs';
import { findSession, locate } from './session.mjs';

const confirmParameters = request({ payment_method: text(), expected_amount: integer(), return_url: text() },
  { required: ['payment_method'] });

const page = (session) => ({
  id: session.id.replace('cs_test', 'ppage'), object: 'payment_page', livemode: false, session_id: session.id,
  currency: session.currency, amount_total: session.amount_total, payment_status: session.payment_status,
  status: session.status, success_url: session.success_url, payment_intent: session.payment_intent,
});

export const retrievePage = ({ double, args, params }) => {
  request({})(params);
  const session = findSession(double, args.id);
  if (session.status === 'open') locate(double, session);
  return page(session);
};

export function confirmPage({ double, args, params }) {
  const given = confirmParameters(params);
  const session = findSession(double, args.id);
  if (session.status !== 'open') throw errors.invalid('This Checkout Session is no longer active.');
  if (given.expected_amount !== undefined && given.expected_amount !== session.amount_total) {
    throw errors.coded('checkout_amount_mismatch', 'The expected amount does not match the session\'s total.', 'expected_amount');
  }
  const { id, method } = methodFor(double, given.payment_method, 'payment_method');
  const billing = double.store.get('payment_method', id).billing_details;
  const buyer = { ...billing, email: session.customer_details?.email ?? billing.email ?? 'buyer@example.com' };
  const { declined } = paySession(double, session, method, buyer, id);
  if (declined) throw errors.declined(declined);
  return page(session);
}
