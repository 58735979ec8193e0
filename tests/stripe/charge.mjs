// Charges: how they were paid, and reading them.

import { created, equal, listing } from './lists.mjs';
import { randomText } from './ids.mjs';
import { shallow } from './objects.mjs';

const digits = (length) => Array.from({ length }, () => Math.floor(Math.random() * 10)).join('');

const DETAILS = {
  card: (method, amount) => {
    const card = shallow('charge.card', {
      amount_authorized: amount, authorization_code: digits(6), brand: method.brand, country: method.country,
      exp_month: 12, exp_year: 2034, fingerprint: randomText(16), funding: method.funding, last4: method.last4,
      network: method.brand, network_transaction_id: digits(15),
    });
    card.overcapture = { ...card.overcapture, maximum_amount_capturable: amount };
    if (method.what === '3ds') card.three_d_secure = secured();
    return card;
  },
  sepa_debit: (method) => ({
    bank_code: method.iban.slice(4, 9), branch_code: '', country: method.country, expected_debit_date: null,
    fingerprint: randomText(16), last4: method.last4, mandate: `mandate_${randomText(24)}`,
  }),
};

const secured = () => ({
  authentication_flow: 'challenge', electronic_commerce_indicator: '05', exemption_indicator: null,
  result: 'authenticated', result_reason: null, transaction_id: randomText(36), version: '2.2.0',
});

export const chargeDetails = (method, amount) => ({ [method.type]: DETAILS[method.type](method, amount), type: method.type });

export const listCharges = listing('charge', '/v1/charges',
  { created, customer: equal('customer'), payment_intent: equal('payment_intent') });
