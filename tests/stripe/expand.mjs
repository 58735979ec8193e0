// expand[]: ids replaced by the objects they name.

import { errors } from './errors.mjs';

// For each object: property -> kind of object its id names.
const REFERENCES = {
  'checkout.session': { payment_intent: 'payment_intent', customer: 'customer', line_items: 'line_items' },
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

const COMPUTED = {
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
  expandAt(double, node[name] ?? null, rest, path);
}

function replaceReference(double, node, name, path) {
  const kind = REFERENCES[node.object]?.[name];
  if (!kind) {
    if (typeof node[name] === 'object' && node[name] !== null) return;
    throw notExpandable(path);
  }
  if (COMPUTED[kind]) node[name] ??= structuredClone(COMPUTED[kind](double, node));
  else if (typeof node[name] === 'string') {
    node[name] = structuredClone(double.store.get(kind, node[name]) ?? node[name]);
  }
}

function notExpandable(path) {
  return errors.invalid(`This property cannot be expanded (${path}).`, 'expand');
}
