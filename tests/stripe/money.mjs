// Stripe's minor units. They are not ISO 4217's: isk and ugx have two decimals that are always 00.

import { errors } from './errors.mjs';

const set = (text) => new Set(text.split(' '));

const ZERO_DECIMAL = set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf');
const THREE_DECIMAL = set('bhd jod kwd omr tnd');
const WHOLE_UNITS = set('isk ugx');

const MINIMUM = {
  usd: 50, eur: 50, gbp: 30, chf: 50, cad: 50, aud: 50, jpy: 50, sek: 300, nok: 300, dkk: 250,
  pln: 200, czk: 1500, huf: 17500, ron: 200, hkd: 400, sgd: 50, mxn: 1000, nzd: 50, brl: 50,
  inr: 50, aed: 200, myr: 200, thb: 1000,
};

export const MAX_AMOUNT = 999_999_999_999;

const CURRENCIES = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()));

export const isCurrency = (code) => CURRENCIES.has(code);

export const minimumCharge = (currency) => MINIMUM[currency] ?? 0;

export function exponent(currency) {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

export function checkAmount(amount, currency, param) {
  const step = THREE_DECIMAL.has(currency) ? 10 : WHOLE_UNITS.has(currency) ? 100 : 1;
  if (amount % step === 0) return;
  throw errors.coded('parameter_invalid_integer',
    `Invalid amount for ${currency}: it must be divisible by ${step}.`, param);
}

const formats = new Map();

function formatOf(currency, language) {
  const key = `${language} ${currency}`;
  if (!formats.has(key)) {
    const digits = WHOLE_UNITS.has(currency) ? 0 : exponent(currency);
    formats.set(key, new Intl.NumberFormat(language, {
      style: 'currency', currency: currency.toUpperCase(), minimumFractionDigits: digits, maximumFractionDigits: digits,
    }));
  }
  return formats.get(key);
}

export const formatMoney = (amount, currency, language = 'en') =>
  formatOf(currency, language).format(amount / 10 ** exponent(currency));
