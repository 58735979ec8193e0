// The account, its balance and the ledger behind it.

import { newId } from './ids.mjs';
import { created, equal, listing } from './lists.mjs';
import { fresh } from './objects.mjs';
import { request } from './schema.mjs';

// A round, European-looking price: 1.5 % and 25 cents.
const feeOf = (amount, type) => (type === 'charge' ? Math.round(amount * 0.015) + 25 : type === 'payment' ? 35 : 0);

export function addTransaction(double, { charge, amount, type, source = charge.id }) {
  const now = double.clock.now();
  const fee = Math.min(feeOf(amount, type), Math.max(amount, 0));
  const transaction = {
    id: newId('txn'), object: 'balance_transaction', amount, available_on: now, balance_type: 'payments', created: now,
    currency: charge.currency, description: charge.description, exchange_rate: null, fee,
    fee_details: fee === 0 ? [] : [{
      amount: fee, application: null, currency: charge.currency, description: 'Stripe processing fees', type: 'stripe_fee',
    }],
    net: amount - fee, reporting_category: type === 'payment' ? 'charge' : type, source, status: 'available', type,
  };
  return double.store.put('balance_transaction', transaction.id, transaction);
}

const onlyExpand = request({});

export function retrieveBalance({ double, params }) {
  onlyExpand(params);
  const sums = {};
  for (const { currency, net } of double.store.all('balance_transaction')) sums[currency] = (sums[currency] ?? 0) + net;
  const balance = fresh('balance');
  const currencies = Object.keys(sums).length === 0 ? ['eur'] : Object.keys(sums);
  const rows = (amountOf) => currencies.map((currency) => ({
    amount: amountOf(currency), currency, source_types: { card: amountOf(currency) },
  }));
  return {
    ...balance, available: rows((currency) => sums[currency] ?? 0), pending: rows(() => 0),
    connect_reserved: currencies.map((currency) => ({ amount: 0, currency })),
  };
}

export function retrieveAccount({ double, params }) {
  onlyExpand(params);
  return fresh('account', { created: double.clock.now() });
}

export const listTransactions = listing('balance_transaction', '/v1/balance_transactions',
  { created, currency: equal('currency'), source: equal('source'), type: equal('type') });
