// Products and prices.

import { emit, update } from './event.mjs';
import { errors } from './errors.mjs';
import { newId } from './ids.mjs';
import { anyOf, created, equal, listing } from './lists.mjs';
import { checkAmount, isCurrency, MAX_AMOUNT } from './money.mjs';
import { fresh } from './objects.mjs';
import {
  anything, boolean, integer, list, mergeMetadata, metadata, number, oneOf, orUnset, request, shape, text, url,
} from './schema.mjs';

export const currency = (value, path) => {
  const code = String(value).toLowerCase();
  if (isCurrency(code)) return code;
  throw errors.invalid(`Invalid currency: ${value}. Stripe does not support this currency.`, path);
};

const amount = integer({ min: 0, max: MAX_AMOUNT });

const PRODUCT = {
  active: boolean, description: orUnset(text()), images: orUnset(list(url, { max: 8 })), metadata, name: text({ max: 250 }),
  marketing_features: orUnset(list(anything)), package_dimensions: anything, shippable: boolean,
  statement_descriptor: text({ max: 22 }), tax_code: orUnset(text()), unit_label: orUnset(text()), url: orUnset(url),
};

const RECURRING = {
  interval: oneOf('day', 'month', 'week', 'year'), interval_count: integer({ min: 1 }), meter: text(),
  trial_period_days: integer({ min: 1 }), usage_type: oneOf('licensed', 'metered'),
};

const recurring = shape(RECURRING, { required: ['interval'] });
const TAX_BEHAVIOR = oneOf('exclusive', 'inclusive', 'unspecified');

export const PRODUCT_DATA = shape({
  active: boolean, description: text(), id: text(), images: list(url, { max: 8 }), metadata, name: text({ max: 250 }),
  statement_descriptor: text({ max: 22 }), tax_code: text(), unit_label: text(), tax_details: anything,
}, { required: ['name'] });

const AMOUNTS = {
  currency, unit_amount: amount, unit_amount_decimal: number({ min: 0, max: MAX_AMOUNT }),
  product: text(), product_data: PRODUCT_DATA, recurring, tax_behavior: TAX_BEHAVIOR,
};

export const PRICE_DATA = shape(AMOUNTS, { required: ['currency'] });

const createProductParameters = request({ ...PRODUCT, id: text(), type: oneOf('good', 'service'), default_price_data: anything },
  { required: ['name'] });
const updateProductParameters = request({ ...PRODUCT, default_price: orUnset(text()) });

const PRICE = {
  active: boolean, lookup_key: text({ max: 200 }), metadata, nickname: text(), transfer_lookup_key: boolean,
};
const createPriceParameters = request({
  ...PRICE, ...AMOUNTS, billing_scheme: oneOf('per_unit', 'tiered'), custom_unit_amount: anything,
}, { required: ['currency'] });
const updatePriceParameters = request({ ...PRICE, tax_behavior: TAX_BEHAVIOR, nickname: orUnset(text()) });
const onlyExpand = request({});

export function addProduct(double, given) {
  const now = double.clock.now();
  const { metadata: notes, default_price_data: _, expand: __, ...rest } = given;
  const product = fresh('product', { created: now, updated: now, ...rest, id: given.id ?? newId('prod'), metadata: notes ?? {} });
  return double.store.put('product', product.id, product);
}

// `keep: false` for a price that is only thought of.
export function addPrice(double, given, { keep = true } = {}) {
  const { metadata: notes, product_data: data, transfer_lookup_key: _, expand: __, unit_amount_decimal: decimal, ...rest } = given;
  const cents = given.unit_amount ?? decimal;
  const product = data ? addProduct(double, { ...data, active: data.active ?? rest.active ?? true }).id : given.product;
  const price = fresh('price', {
    created: double.clock.now(), ...rest, id: newId('price'), metadata: notes ?? {}, product,
    recurring: recurringOf(given.recurring), type: given.recurring ? 'recurring' : 'one_time',
    unit_amount: Number.isInteger(cents) ? cents : null, unit_amount_decimal: String(cents),
  });
  return keep ? double.store.put('price', price.id, price) : price;
}

const recurringOf = (given) => given
  ? { interval: given.interval, interval_count: 1, meter: null, trial_period_days: null, usage_type: 'licensed', ...given }
  : null;

// What a price needs, wherever it is given: of its own or as price_data.
export function checkPrice(double, given, at = (name) => name) {
  if (given.product !== undefined && given.product_data !== undefined) {
    throw errors.onlyOne(at('product'), at('product_data'));
  }
  if (given.product === undefined && given.product_data === undefined) throw errors.missing(at('product'));
  if (given.unit_amount === undefined && given.unit_amount_decimal === undefined) throw errors.missing(at('unit_amount'));
  if (given.product !== undefined && !double.store.get('product', given.product)) {
    throw errors.noSuch('product', given.product, at('product'));
  }
  if (given.unit_amount !== undefined) checkAmount(given.unit_amount, given.currency, at('unit_amount'));
}

export function createProduct({ double, params }) {
  const given = createProductParameters(params);
  if (given.id !== undefined && double.store.get('product', given.id)) {
    throw errors.coded('resource_already_exists', 'Product already exists.', 'id');
  }
  const product = addProduct(double, given);
  if (given.default_price_data) {
    const price = addPrice(double, { ...PRICE_DATA(given.default_price_data, 'default_price_data'), product: product.id });
    product.default_price = price.id;
    emit(double, 'price.created', price);
  }
  emit(double, 'product.created', product);
  return product;
}

export function createPrice({ double, params }) {
  const given = createPriceParameters(params);
  checkPrice(double, given);
  const price = addPrice(double, given);
  emit(double, 'price.created', price);
  return price;
}

const found = (double, kind, id) => {
  const object = double.store.get(kind, id);
  if (!object) throw errors.notFound(kind, id);
  return object;
};

export const retrieve = (kind) => ({ double, args, params }) => {
  onlyExpand(params);
  return found(double, kind, args.id);
};

// POST on an existing object: the given fields replace, metadata merges, an update event follows.
export const change = (kind, check, also = () => {}) => ({ double, args, params }) => {
  const object = found(double, kind, args.id);
  const { metadata: notes, expand: _, transfer_lookup_key: __, ...rest } = check(params);
  const previous = update(double, kind, object, () => {
    Object.assign(object, rest);
    object.metadata = mergeMetadata(object.metadata, notes);
  });
  if (Object.keys(previous).length > 0) {
    Object.assign(previous, update(double, kind, object, () => also(object, double)));
    emit(double, `${kind}.updated`, object, previous);
  }
  return object;
};

export const updateProduct = change('product', updateProductParameters,
  (product, double) => { product.updated = double.clock.now(); });

export const updatePrice = change('price', updatePriceParameters);

export function deleteProduct({ double, args }) {
  const product = found(double, 'product', args.id);
  if (double.store.all('price').some((price) => price.product === product.id)) {
    throw errors.invalid('This product cannot be deleted because it has one or more user-created prices.');
  }
  double.store.remove('product', product.id);
  emit(double, 'product.deleted', product);
  return { id: product.id, object: 'product', deleted: true };
}

export const listProducts = listing('product', '/v1/products',
  { active: equal('active', boolean), created, ids: anyOf('id') });

export const listPrices = listing('price', '/v1/prices', {
  active: equal('active', boolean), created, currency: equal('currency'), product: equal('product'),
  type: equal('type', oneOf('one_time', 'recurring')), lookup_keys: anyOf('lookup_key'),
});
