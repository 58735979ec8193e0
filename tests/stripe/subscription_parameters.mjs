// What may be sent to create and change subscriptions.

import { currency, PRICE_DATA } from './catalog.mjs';
import { errors } from './errors.mjs';
import {
  anything, boolean, integer, list, metadata, number, oneOf, orUnset, request, shape, text,
} from './schema.mjs';

const BEHAVIOR = oneOf('always_invoice', 'create_prorations', 'none');
const PAYMENT_BEHAVIOR = oneOf('allow_incomplete', 'default_incomplete', 'error_if_incomplete', 'pending_if_incomplete');

const nowOr = (type) => (value, path) => (value === 'now' ? 'now' : type(value, path));

const quantity = integer({ min: 0, max: 999_999 });

const ITEM = {
  billing_thresholds: anything, discounts: anything, metadata, price: text(), price_data: PRICE_DATA, quantity, tax_rates: anything,
};

export const ITEMS = list(shape({ ...ITEM, id: text(), deleted: boolean, clear_usage: boolean, plan: text() }), { max: 20 });

export const ITEM_CHANGE = request({
  ...ITEM, payment_behavior: PAYMENT_BEHAVIOR, proration_behavior: BEHAVIOR, proration_date: integer(), subscription: text(),
  off_session: boolean, clear_usage: boolean,
});

export const TRIAL_SETTINGS = shape({
  end_behavior: shape({ missing_payment_method: oneOf('cancel', 'create_invoice', 'pause') }, { required: ['missing_payment_method'] }),
}, { required: ['end_behavior'] });

export const TRANSFER_DATA = shape({ amount_percent: number({ min: 0, max: 100 }), destination: text() }, { required: ['destination'] });

const DETAILS = shape({
  comment: orUnset(text()),
  feedback: orUnset(oneOf('customer_service', 'low_quality', 'missing_features', 'other', 'switched_service', 'too_complex',
    'too_expensive', 'unused')),
});

export const DISCOUNTS = list(shape({ coupon: text(), promotion_code: text(), discount: text() }), { max: 20 });

const COMMON = {
  application_fee_percent: orUnset(number({ min: 0, max: 100 })), automatic_tax: shape({ enabled: boolean, liability: anything }), billing_thresholds: anything,
  cancel_at_period_end: boolean, collection_method: oneOf('charge_automatically'), days_until_due: integer(),
  default_payment_method: orUnset(text()), default_source: anything, default_tax_rates: anything, description: orUnset(text({ max: 500 })),
  invoice_settings: anything, items: ITEMS, metadata, off_session: boolean, on_behalf_of: orUnset(text()),
  payment_behavior: PAYMENT_BEHAVIOR, payment_settings: anything, pending_invoice_item_interval: anything,
  proration_behavior: BEHAVIOR, transfer_data: orUnset(TRANSFER_DATA), trial_settings: TRIAL_SETTINGS,
  cancel_at: orUnset((value, path) => (/^m(in|ax)_period_end$/.test(value) ? value : integer()(value, path))),
};

const PAUSE = shape({
  behavior: oneOf('keep_as_draft', 'mark_uncollectible', 'void'), resumes_at: integer(),
}, { required: ['behavior'] });

const updateShape = request({
  ...COMMON, billing_cycle_anchor: oneOf('now', 'unchanged'), cancellation_details: DETAILS, pause_collection: orUnset(PAUSE),
  proration_date: integer(), trial_end: nowOr(integer()), trial_from_plan: boolean,
});

export function checkUpdate(params) {
  const given = updateShape(params);
  if (given.cancel_at_period_end !== undefined && given.cancel_at !== undefined) throw errors.onlyOne('cancel_at', 'cancel_at_period_end');
  if (given.payment_behavior === 'pending_if_incomplete') {
    const other = ['metadata', 'cancel_at_period_end', 'default_payment_method', 'application_fee_percent', 'transfer_data']
      .find((name) => given[name] !== undefined);
    if (other) {
      throw errors.invalid('When `payment_behavior` is set to `pending_if_incomplete`, you can only pass ' +
        `[supported params](https://docs.stripe.com/billing/subscriptions/pending-updates-reference). ${other} is not one.`, other);
    }
  }
  return given;
}

export const checkCreate = request({
  ...COMMON, add_invoice_items: anything, backdate_start_date: integer(), billing_cycle_anchor: integer(), currency, customer: text(),
  discounts: DISCOUNTS, trial_end: nowOr(integer()), trial_from_plan: boolean, trial_period_days: integer({ min: 1, max: 730 }),
}, { required: ['customer', 'items'] });

export const checkCancel = request({ cancellation_details: DETAILS, invoice_now: boolean, prorate: boolean });

export const checkPause = request({
  bill_for: anything, invoicing_behavior: oneOf('invoice', 'pending_invoice_item'), type: oneOf('subscription'),
});

// The anchor was a plain word before it became an object.
const anchor = (value, path) => (typeof value === 'string' ? oneOf('now', 'unchanged')(value, path)
  : shape({ type: oneOf('now', 'unchanged') }, { required: ['type'] })(value, path).type);

export const checkResume = request({
  billing_cycle_anchor: anchor, payment_behavior: oneOf('resume_on_payment_attempt', 'resume_on_payment_success'),
  proration_behavior: BEHAVIOR, proration_date: integer(),
});

export const checkPreview = request({
  automatic_tax: anything, currency, customer: text(), customer_details: anything, discounts: anything, invoice_items: anything,
  issuer: anything, preview_mode: oneOf('next', 'recurring'), subscription: text(), schedule: text(),
  subscription_details: shape({
    billing_cycle_anchor: nowOr((value, path) => (value === 'unchanged' ? value : integer()(value, path))), billing_mode: anything,
    cancel_at: orUnset(integer()), cancel_at_period_end: boolean, cancel_now: boolean, items: ITEMS, metadata,
    proration_behavior: BEHAVIOR, proration_date: integer(), resume_at: oneOf('now'), trial_end: nowOr(integer()), start_date: integer(),
  }),
});
