// expand[]: ids replaced by the objects they name.

import { errors } from './errors.mjs';
import { intentFor, paymentsOf } from './invoice_payment.mjs';

// For each object: property -> kind of object its id names.
const REFERENCES = {
  'checkout.session': {
    payment_intent: 'payment_intent', customer: 'customer', line_items: 'line_items', subscription: 'subscription', invoice: 'invoice',
  },
  subscription: {
    customer: 'customer', default_payment_method: 'payment_method', latest_invoice: 'invoice', schedule: 'subscription_schedule',
    discounts: 'discount', pending_setup_intent: 'setup_intent',
  },
  subscription_item: { subscription: 'subscription' },
  invoice: {
    confirmation_secret: 'confirmation_secret', customer: 'customer', default_payment_method: 'payment_method', discounts: 'discount',
    payments: 'payments',
  },
  invoice_payment: { invoice: 'invoice' },
  payment_method: { customer: 'customer' },
  subscription_schedule: { customer: 'customer', subscription: 'subscription' },
  'billing_portal.session': { configuration: 'billing_portal.configuration' },
  payment_intent: { latest_charge: 'charge', customer: 'customer', payment_method: 'payment_method' },
  charge: {
    payment_intent: 'payment_intent', customer: 'customer', balance_transaction: 'balance_transaction',
    refunds: 'refunds',
  },
  refund: { charge: 'charge', payment_intent: 'payment_intent', balance_transaction: 'balance_transaction' },
  dispute: { charge: 'charge', payment_intent: 'payment_intent' },
  price: { product: 'product' },
  product: { default_price: 'price' },
  promotion_code: { customer: 'customer' },
  balance_transaction: { source: 'charge' },
};

// Within an object: property -> kind, wherever it stands.
const NESTED = {
  subscription: 'subscription', payment_intent: 'payment_intent', charge: 'charge', price: 'price', product: 'product', invoice: 'invoice',
  coupon: 'coupon',
};

const COMPUTED = {
  payments: paymentsOf,
  confirmation_secret: (double, invoice) => {
    const intent = intentFor(double, invoice);
    return intent ? { client_secret: intent.client_secret, type: 'payment_intent' } : null;
  },
  line_items: (double, session) => ({
    object: 'list',
    data: double.store.get('line_items', session.id)?.slice(0, 10) ?? [],
    has_more: (double.store.get('line_items', session.id)?.length ?? 0) > 10,
    url: `/v1/checkout/sessions/${session.id}/line_items`,
  }),
  refunds: (double, charge) => ({
    object: 'list',
    data: double.store.all('refund').filter((refund) => refund.charge === charge.id).reverse(),
    has_more: false,
    url: `/v1/charges/${charge.id}/refunds`,
  }),
};

const MAX_DEPTH = 4;

export function expanded(double, object, paths = []) {
  if (paths.length === 0) return object;
  const copy = structuredClone(object);
  for (const path of paths) {
    const parts = path.split('.');
    if (parts.length > MAX_DEPTH + 1) {
      throw errors.invalid(`You cannot expand more than ${MAX_DEPTH} levels of a property. Property: ${path}`, 'expand');
    }
    expandAt(double, copy, parts, path);
  }
  return copy;
}

function expandAt(double, node, parts, path) {
  if (parts.length === 0 || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) expandAt(double, item, parts, path);
    return;
  }
  const [name, ...rest] = parts;
  if (node.object && node.object !== 'list') replaceReference(double, node, name, path);
  else if (!(name in node)) throw notExpandable(path);
  else if (NESTED[name] && typeof node[name] === 'string') node[name] = copyOf(double, NESTED[name], node[name]);
  expandAt(double, node[name] ?? null, rest, path);
}

function replaceReference(double, node, name, path) {
  const kind = REFERENCES[node.object]?.[name];
  if (!kind) {
    if (typeof node[name] === 'object' && node[name] !== null) return;
    throw notExpandable(path);
  }
  if (COMPUTED[kind]) node[name] ??= structuredClone(COMPUTED[kind](double, node));
  else if (typeof node[name] === 'string') node[name] = copyOf(double, kind, node[name]);
  else if (Array.isArray(node[name])) node[name] = node[name].map((id) => copyOf(double, kind, id));
}

const copyOf = (double, kind, id) => structuredClone(double.store.get(kind, id) ?? id);

function notExpandable(path) {
  return errors.invalid(`This property cannot be expanded (${path}).`, 'expand');
}
