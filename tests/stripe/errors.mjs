// The error answers of the API, with the wording that was recorded (see errors/ and ORIGIN.md).

// `stored`: the work had begun, so the answer is kept under its idempotency key.
export class ApiError extends Error {
  constructor(status, error, { headers = {}, stored = false } = {}) {
    super(error.message);
    this.status = status;
    this.error = error;
    this.headers = headers;
    this.stored = stored;
  }
}

const docUrl = (code) => `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;

const withCode = (code, rest) => ({ code, doc_url: docUrl(code), ...rest });

const NO_RETRY = { headers: { 'stripe-should-retry': 'false' } };
const RETRY = { headers: { 'stripe-should-retry': 'true' } };

const invalid = (message, param) =>
  new ApiError(400, param === undefined
    ? { message, type: 'invalid_request_error' }
    : { message, param, type: 'invalid_request_error' }, NO_RETRY);

const coded = (code, message, param, how = NO_RETRY) =>
  new ApiError(400, withCode(code, param === undefined
    ? { message, type: 'invalid_request_error' }
    : { message, param, type: 'invalid_request_error' }), how);

const executed = { ...NO_RETRY, stored: true };

export const errors = {
  invalid,
  coded,
  missing: (param) => coded('parameter_missing', `Missing required param: ${param}.`, param),
  unknown: (param) => coded('parameter_unknown', `Received unknown parameter: ${param}`, param),
  empty: (param) => coded('parameter_invalid_empty',
    `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a ` +
    `parameter; however '${param}' cannot be unset. You should remove '${param}' from your request ` +
    'or supply a non-empty value.', param),
  integer: (param, value) =>
    coded('parameter_invalid_integer', `Invalid integer: ${value}`, param),
  tooSmall: (param) => coded('parameter_invalid_integer',
    'The amount must be greater than or equal to the minimum charge amount allowed for your account ' +
    'and the currency set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).', param),
  onlyOne: (...names) =>
    invalid(`You may only specify one of these parameters: ${names.join(', ')}.`),
  noSuch: (kind, id, param) =>
    coded('resource_missing', `No such ${kind}: '${id}'`, param),
  notFound: (kind, id, param = 'id') =>
    new ApiError(404, withCode('resource_missing',
      { message: `No such ${kind}: '${id}'`, param, type: 'invalid_request_error' })),
  unknownUrl: (method, path) => new ApiError(404, {
    message: `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or ` +
      'we can help at https://support.stripe.com/.',
    type: 'invalid_request_error',
  }),
  noKey: () => unauthorized(
    'You did not provide an API key. You need to provide your API key in the Authorization header, ' +
    "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See " +
    'https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.'),
  badKey: (key) => unauthorized(`Invalid API Key provided: ${maskKey(key)}`),
  alreadyRefunded: (charge) => coded('charge_already_refunded',
    `Charge ${charge} has already been refunded.`, undefined, executed),
  disputed: (charge) => coded('charge_disputed',
    `Charge ${charge} has been charged back; cannot issue a refund.`, undefined, executed),
  noPaymentMethod: () => coded('resource_missing',
    'This customer has no attached payment source or default payment method. Please consider adding ' +
    'a default payment method.', undefined, executed),
  otherParameters: (key) => new ApiError(400, {
    message: 'Keys for idempotent requests can only be used with the same parameters they were first ' +
      `used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    type: 'idempotency_error',
  }),
  keyInUse: (key) => new ApiError(409, withCode('idempotency_key_in_use', {
    message: 'There is currently another in-progress request using this Idempotent Key (that probably ' +
      `means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
    type: 'invalid_request_error',
  }), RETRY),
  declined: ({ code, declineCode, message }) => new ApiError(402, withCode(code, {
    ...(declineCode ? { decline_code: declineCode } : {}), message, param: '', type: 'card_error',
  }), { stored: true }),
  rateLimit: () => new ApiError(429, withCode('rate_limit', {
    message: 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    type: 'invalid_request_error',
  }), { headers: { 'stripe-rate-limited-reason': 'global-rate' } }),
  lockTimeout: () => new ApiError(429, withCode('lock_timeout', {
    message: 'This object cannot be accessed right now because another API request or Stripe process is ' +
      'currently accessing it. If you see this error intermittently, retry the request.',
    type: 'invalid_request_error',
  }), RETRY),
  internal: () => new ApiError(500, { message: 'An unknown error occurred.', type: 'api_error' }, { stored: true }),
};

function unauthorized(message) {
  return new ApiError(401, { message, type: 'invalid_request_error' },
    { headers: { 'www-authenticate': 'Bearer realm="Stripe"' } });
}

// Never repeat a key in an answer, whoever it belongs to.
function maskKey(key) {
  const prefix = /^(sk|rk|pk)_(test|live)_/.exec(key)?.[0] ?? '';
  return `${prefix}****`;
}
