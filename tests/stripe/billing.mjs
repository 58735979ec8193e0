// How this account bills: what Stripe's dashboard would set, here a control call.

import { HOUR } from './clock.mjs';

const USUAL = {
  finalize_after: HOUR, // from draft to open
  retry_days: [3, 5, 7], // each after the try before
  after_retries: 'cancel', // cancel | unpaid | past_due
  proration_parent: 'invoice_item_details', // or subscription_item_details
};

export const SETTINGS = Object.keys(USUAL);
export const AFTER_RETRIES = ['cancel', 'unpaid', 'past_due'];
export const PRORATION_PARENTS = ['invoice_item_details', 'subscription_item_details'];

export const billing = (double) => double.store.get('setting', 'billing') ?? USUAL;

export const setBilling = (double, values) => double.store.put('setting', 'billing', { ...billing(double), ...values });
