// What may be sent to POST /v1/checkout/sessions, which differs by API version.

import { currency, PRICE_DATA } from './catalog.mjs';
import { errors } from './errors.mjs';
import { HOUR, MINUTE, DAY } from './clock.mjs';
import { TRANSFER_DATA, TRIAL_SETTINGS } from './subscription_parameters.mjs';
import {
  anything, boolean, email, integer, list, metadata, number, oneOf, request, shape, text, url,
} from './schema.mjs';

const LINE_ITEM = shape({
  adjustable_quantity: anything, dynamic_tax_rates: anything, metadata, price: text(), price_data: PRICE_DATA,
  quantity: integer({ min: 1, max: 999_999 }), tax_rates: anything,
});

const PAYMENT_INTENT_DATA = shape({
  application_fee_amount: integer({ min: 0 }), capture_method: oneOf('automatic', 'automatic_async', 'manual'),
  description: text({ max: 1000 }), metadata, on_behalf_of: text(), receipt_email: email,
  setup_future_usage: oneOf('off_session', 'on_session'), shipping: anything, statement_descriptor: text({ max: 22 }),
  statement_descriptor_suffix: text({ max: 22 }), transfer_data: shape({ amount: integer(), destination: text() }),
  transfer_group: text(),
});

const SUBSCRIPTION_DATA = shape({
  application_fee_percent: number({ min: 0, max: 100 }), billing_cycle_anchor: anything, billing_mode: anything, default_tax_rates: anything,
  description: text({ max: 500 }), invoice_settings: anything, metadata, on_behalf_of: text(), pending_invoice_item_interval: anything,
  proration_behavior: oneOf('create_prorations', 'none'), transfer_data: TRANSFER_DATA, trial_end: integer(),
  trial_period_days: integer({ min: 1, max: 730 }), trial_settings: TRIAL_SETTINGS,
});

const AUTO = oneOf('auto', 'never');

const FIELDS = {
  adaptive_pricing: anything, after_expiration: anything, allow_promotion_codes: boolean,
  allowed_payment_method_types: list(text()), automatic_tax: shape({ enabled: boolean, liability: anything }),
  billing_address_collection: oneOf('auto', 'required'), branding_settings: anything, cancel_url: url,
  client_reference_id: text({ max: 200 }), consent_collection: anything, currency, custom_fields: anything,
  custom_text: anything, customer: text(), customer_account: text(), customer_creation: oneOf('always', 'if_required'),
  customer_email: email, 
  customer_update: shape({ address: AUTO, name: AUTO, shipping: AUTO }),
  discounts: list(shape({ coupon: text(), promotion_code: text() }), { max: 1 }),
  excluded_payment_method_types: list(text()), expires_at: integer(), integration_identifier: text(),
  invoice_creation: anything, line_items: list(LINE_ITEM, { max: 100 }), locale: text(), managed_payments: anything, metadata,
  mode: oneOf('payment', 'setup', 'subscription'), name_collection: anything, optional_items: anything,
  origin_context: oneOf('mobile_app', 'web'), payment_intent_data: PAYMENT_INTENT_DATA,
  payment_method_collection: oneOf('always', 'if_required'), payment_method_configuration: text(),
  payment_method_data: anything, payment_method_options: anything, payment_method_types: list(text()),
  permissions: anything, phone_number_collection: shape({ enabled: boolean }), redirect_on_completion: text(),
  return_url: url, saved_payment_method_options: anything, setup_intent_data: anything,
  shipping_address_collection: anything, shipping_options: anything, submit_type: oneOf('auto', 'book', 'donate', 'pay', 'subscribe'),
  subscription_data: SUBSCRIPTION_DATA, success_url: url, tax_id_collection: anything, ui_mode: text(), wallet_options: anything,
  application_fee_percent: number({ min: 0, max: 100 }),
};

const checkShape = request(FIELDS);

// From this version on the dashboard decides, or allowed_/excluded_payment_method_types.
const NO_METHOD_TYPES_SINCE = '2026-09-30';
const NEW_UI_MODES_SINCE = '2026-03-25';

const since = (version, date) => version.slice(0, 10) >= date;

export function checkSession(double, params, version) {
  const given = checkShape(params);
  if (given.payment_method_types && since(version, NO_METHOD_TYPES_SINCE)) {
    throw errors.coded('parameter_unknown', 'Received unknown parameter: payment_method_types. From API version ' +
      '2026-09-30.endive on, use dynamic payment methods, `allowed_payment_method_types` or ' +
      '`excluded_payment_method_types`.', 'payment_method_types');
  }
  checkUiMode(given.ui_mode, version);
  checkMode(given, double);
  if (given.success_url === undefined) throw errors.missing('success_url');
  checkExclusive(given);
  checkTax(double, given);
  checkExpiry(double, given.expires_at);
  if (given.customer !== undefined && !double.store.get('customer', given.customer)) {
    throw errors.noSuch('customer', given.customer, 'customer');
  }
  return given;
}

function checkUiMode(mode, version) {
  if (mode === undefined) return;
  const known = since(version, NEW_UI_MODES_SINCE)
    ? ['elements', 'embedded_page', 'hosted_page']
    : ['custom', 'embedded', 'hosted'];
  oneOf(...known)(mode, 'ui_mode');
  if (!mode.startsWith('hosted')) throw errors.invalid(`The test double does not support ui_mode ${mode}.`, 'ui_mode');
}

const MAX_LINES = 20;

// Setup would come in here, with its own requirements.
const MODES = {
  subscription: (given, double) => {
    for (const name of ['payment_intent_data', 'customer_creation', 'invoice_creation', 'submit_type']) {
      if (given[name] !== undefined) throw errors.invalid(`You can not pass \`${name}\` in \`subscription\` mode.`, name);
    }
    if (!given.line_items?.length) throw errors.missing('line_items');
    if (given.line_items.length > 2 * MAX_LINES) throw errors.invalid(`Array must have at most ${2 * MAX_LINES} elements.`, 'line_items');
    const types = given.payment_method_types ?? given.allowed_payment_method_types ?? ['card'];
    if (!types.includes('card') || given.excluded_payment_method_types?.includes('card')) {
      throw errors.invalid('Subscriptions are paid by card only in the test double.', 'payment_method_types');
    }
    checkTrial(double, given.subscription_data ?? {});
  },
  payment: (given) => {
    if (given.payment_method_collection) {
      throw errors.invalid('You can only set `payment_method_collection` in `subscription` mode.', 'payment_method_collection');
    }
    if (given.subscription_data) {
      throw errors.invalid('You can not pass `subscription_data` in `payment` mode.', 'subscription_data');
    }
    if (!given.line_items?.length) throw errors.missing('line_items');
  },
};

function checkMode(given, double) {
  if (given.mode === undefined) throw errors.missing('mode');
  const check = MODES[given.mode];
  if (!check) throw errors.invalid(`The test double does not support mode ${given.mode} yet.`, 'mode');
  check(given, double);
}

function checkTrial(double, { trial_end: at, trial_period_days: days }) {
  if (at !== undefined && days !== undefined) {
    throw errors.onlyOne('subscription_data[trial_end]', 'subscription_data[trial_period_days]');
  }
  if (at !== undefined && at < double.clock.now() + 2 * DAY - 10) {
    throw errors.invalid('The `trial_end` date has to be at least 2 days in the future.', 'subscription_data[trial_end]');
  }
}

const EXCLUSIVE = [
  ['customer', 'customer_email'],
  ['customer', 'customer_creation'],
  ['allow_promotion_codes', 'discounts'],
  ['allowed_payment_method_types', 'excluded_payment_method_types'],
];

function checkExclusive(given) {
  for (const [one, other] of EXCLUSIVE) {
    if (given[one] !== undefined && given[other] !== undefined) throw errors.onlyOne(one, other);
  }
}

// Tax needs an address: the customer's own, or the one given at the payment page, if it may be kept.
function checkTax(double, { automatic_tax: tax, customer: id, customer_update: update }) {
  if (update && id === undefined) throw errors.invalid('`customer_update` can only be used with `customer`.', 'customer_update');
  if (!tax?.enabled || id === undefined || double.store.get('customer', id)?.address) return;
  if (update?.address === 'auto' || update?.shipping === 'auto') return;
  throw errors.coded('customer_tax_location_invalid', 'Automatic tax calculation in Checkout requires a valid address on the Customer. ' +
    'Add a valid address to the Customer or set either `customer_update[address]` to \'auto\' or `customer_update[shipping]` to \'auto\' ' +
    'to save the address entered in Checkout to the Customer.', 'automatic_tax');
}

function checkExpiry(double, at) {
  if (at === undefined) return;
  const ahead = at - double.clock.now();
  // A few seconds lie between the caller's clock and ours.
  if (ahead < 30 * MINUTE - 10) {
    throw errors.invalid('The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.', 'expires_at');
  }
  if (ahead > DAY + 10) {
    throw errors.invalid('The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.', 'expires_at');
  }
}

export const DEFAULT_LIFE = 24 * HOUR;
