// Stripe's published test numbers and what each does.

const DECLINES = {
  generic_decline: { code: 'card_declined', declineCode: 'generic_decline', message: 'Your card was declined.' },
  insufficient_funds: { code: 'card_declined', declineCode: 'insufficient_funds', message: 'Your card has insufficient funds.' },
  lost_card: { code: 'card_declined', declineCode: 'lost_card', message: 'Your card was declined.' },
  stolen_card: { code: 'card_declined', declineCode: 'stolen_card', message: 'Your card was declined.' },
  expired_card: { code: 'expired_card', message: 'Your card has expired.' },
  incorrect_cvc: { code: 'incorrect_cvc', message: "Your card's security code is incorrect." },
  processing_error: {
    code: 'processing_error', message: 'An error occurred while processing your card. Try again in a little bit.',
  },
  authentication: {
    code: 'payment_intent_authentication_failure',
    message: 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  },
  blocked: { code: 'card_declined', declineCode: 'fraudulent', message: 'Your card was declined.' },
};

export const decline = (name) => DECLINES[name];

// what: pay | decline | 3ds; then: what happens to the charge afterwards.
const CARDS = {
  4242424242424242: { what: 'pay' },
  4000056655665556: { what: 'pay', funding: 'debit' },
  4000002500000003: { what: 'pay', country: 'FR' },
  5555555555554444: { what: 'pay', brand: 'mastercard' },
  378282246310005: { what: 'pay', brand: 'amex' },
  4000000000000077: { what: 'pay' },
  4000000000000002: { what: 'decline', because: 'generic_decline' },
  4000000000009995: { what: 'decline', because: 'insufficient_funds' },
  4000000000009987: { what: 'decline', because: 'lost_card' },
  4000000000009979: { what: 'decline', because: 'stolen_card' },
  4000000000000069: { what: 'decline', because: 'expired_card' },
  4000000000000127: { what: 'decline', because: 'incorrect_cvc' },
  4000000000000119: { what: 'decline', because: 'processing_error' },
  4100000000000019: { what: 'decline', because: 'blocked' },
  4000000000003220: { what: '3ds' },
  4000000000000341: { what: 'decline', because: 'generic_decline', attach: true }, // may be saved, declines when charged
  4000002500003155: { what: '3ds', offSession: true }, // asks once, not again when the buyer is away
  4000002760003184: { what: '3ds' },
  4000008260003178: { what: '3ds', because: 'insufficient_funds' },
  4000000000000259: { what: 'pay', then: { dispute: 'needs_response', reason: 'fraudulent' } },
  4000000000002685: { what: 'pay', then: { dispute: 'needs_response', reason: 'product_not_received' } },
  4000000000001976: { what: 'pay', then: { dispute: 'warning_needs_response', reason: 'general' } },
  4000000000005126: { what: 'pay', refund: 'failed' },
  4000000000007726: { what: 'pay', refund: 'pending' },
};

const IBANS = {
  AT611904300234573201: 'succeeded',
  DE89370400440532013000: 'succeeded',
  FR1420041010050500013M02606: 'succeeded',
  IT40S0542811101000000123456: 'succeeded',
  AT861904300235473202: 'failed',
  DE62370400440532013001: 'failed',
  FR8420041010050500013M02607: 'failed',
  IT60X0542811101000000123456: 'failed', // what `stripe trigger checkout.session.async_payment_failed` uses
};

const TOKENS = {
  visa: '4242424242424242', visa_debit: '4000056655665556', mastercard: '5555555555554444', amex: '378282246310005',
  chargeDeclined: '4000000000000002', chargeDeclinedInsufficientFunds: '4000000000009995',
  visa_chargeDeclined: '4000000000000002', visa_chargeDeclinedInsufficientFunds: '4000000000009995',
  createDispute: '4000000000000259', createDisputeProductNotReceived: '4000000000002685',
  createDisputeInquiry: '4000000000001976', refundFail: '4000000000005126', pendingRefund: '4000000000007726', chargeCustomerFail: '4000000000000341',
  authenticationRequiredOnSetup: '4000002500003155', authenticationRequired: '4000002760003184',
  threeDSecure2Required: '4000000000003220', threeDSecureRequired: '4000000000003220', bypassPending: '4000000000000077',
};

const squeeze = (text) => String(text ?? '').replace(/[\s-]/g, '');

// tok_visa, pm_card_visa -> number
export const numberOfToken = (token) => TOKENS[token.replace(/^(tok|pm_card)_/, '')];

function luhn(number) {
  let total = 0;
  for (const [i, digit] of [...number].reverse().entries()) {
    const doubled = Number(digit) * (i % 2 === 1 ? 2 : 1);
    total += doubled > 9 ? doubled - 9 : doubled;
  }
  return total % 10 === 0;
}

// The card, 'incorrect' for no number at all, 'unknown' for a number that is not a test number.
export function cardOf(text) {
  const number = squeeze(text);
  if (!/^\d{12,19}$/.test(number) || !luhn(number)) return 'incorrect';
  if (!CARDS[number]) return 'unknown';
  return { type: 'card', number, last4: number.slice(-4), brand: 'visa', country: 'US', funding: 'credit', ...CARDS[number] };
}

export function ibanOf(text) {
  const iban = squeeze(text).toUpperCase();
  if (!IBANS[iban]) return 'unknown';
  return { type: 'sepa_debit', iban, last4: iban.slice(-4), country: iban.slice(0, 2), outcome: IBANS[iban] };
}
