// What the hosted page does: shows a session, takes a code or a payment, sends the buyer back.

import { cardOf, ibanOf } from './cards.mjs';
import { challengePage, messagePage, payPage, receiptPage } from './checkout_page.mjs';
import { usableCode } from './discount.mjs';
import { decodeForm } from './form.mjs';
import { sendHtml, sendRedirect } from './html.mjs';
import { showInvoice, submitInvoice } from './invoice_page.mjs';
import { declineText, languageOf, textsIn } from './page_text.mjs';
import { answerChallenge, paySession } from './payment.mjs';
import { showPortal, submitPortal } from './portal_page.mjs';
import { locate, total } from './session.mjs';
import { needsMethod } from './subscription_checkout.mjs';

const ROUTES = [
  ['GET', /^\/$/, ({ response }) => sendRedirect(response, '/_double/')],
  ['GET', /^\/c\/pay\/([^/]+)$/, (visit) => withSession(visit, showPay)],
  ['POST', /^\/c\/pay\/([^/]+)$/, (visit) => withSession(visit, submit)],
  ['GET', /^\/c\/pay\/([^/]+)\/3ds$/, (visit) => withSession(visit, showChallenge)],
  ['POST', /^\/c\/pay\/([^/]+)\/3ds$/, (visit) => withSession(visit, submitChallenge)],
  ['GET', /^\/p\/session\/([^/]+)$/, showPortal],
  ['POST', /^\/p\/session\/([^/]+)$/, submitPortal],
  ['GET', /^\/i\/([^/]+)\/[^/]+(?:\/pdf)?$/, showInvoice],
  ['POST', /^\/i\/([^/]+)\/[^/]+$/, submitInvoice],
  ['GET', /^\/receipts\/([^/]+)$/, showReceipt],
];

export async function answerPage(double, request, response, url, body) {
  for (const [method, pattern, handler] of ROUTES) {
    const match = pattern.exec(url.pathname);
    if (!match || (request.method !== method && !(request.method === 'HEAD' && method === 'GET'))) continue;
    await handler({ double, response, url, id: match[1], accept: request.headers['accept-language'], form: formOf(body) });
    double.store.commit();
    return;
  }
  response.writeHead(404, { 'content-type': 'text/plain' });
  response.end('Not found\n');
}

function formOf(body) {
  const form = decodeForm(body);
  return Object.fromEntries(Object.entries(form).filter(([, value]) => typeof value === 'string'));
}

function stateOf(session) {
  if (!session) return 'missing';
  if (session.status === 'expired') return 'expired';
  if (session.status !== 'complete') return 'open';
  return session.payment_status === 'unpaid' ? 'processing' : 'paid';
}

const STATUS = { missing: 404, expired: 410 };

function withSession(visit, handler) {
  const { double, id, accept, response } = visit;
  double.due.check(id);
  const session = double.store.get('session', id);
  const language = languageOf(session, accept);
  const state = stateOf(session);
  if (state === 'open') locate(double, session);
  if (state === 'open') return handler({ ...visit, session, language });
  return sendHtml(response, messagePage({ session, language }, state), STATUS[state] ?? 200);
}

function view({ double, session, language, form = {} }, more = {}) {
  const promotionId = session.discounts[0]?.promotion_code;
  return {
    session, language, lines: double.store.get('line_items', session.id), values: form, errors: {},
    trial: trialOf(double, session), promotion: promotionId && double.store.get('promotion_code', promotionId)?.code, ...more,
  };
}

function trialOf(double, session) {
  const data = double.store.get('subscription_data', session.id);
  return data?.trial_end || data?.trial_period_days ? data : null;
}

const showPay = (visit) => sendHtml(visit.response, payPage(view(visit)));

const ACTIONS = { pay, apply, remove };

const submit = (visit) => (ACTIONS[visit.form.action] ?? pay)(visit);

function apply(visit) {
  const { double, session, form, response, language } = visit;
  const promotion = session.allow_promotion_codes && usableCode(double, session, form.promotion_code ?? '');
  if (!promotion) {
    return sendHtml(response, payPage(view(visit, { errors: { promotion_code: textsIn(language).badCode } })), 422);
  }
  return discounted(visit, [{ coupon: null, promotion_code: promotion.id }]);
}

// A discount the shop gave stays; only a code the buyer typed goes.
function remove(visit) {
  return discounted(visit, visit.session.allow_promotion_codes ? [] : visit.session.discounts);
}

function discounted({ double, session, response }, discounts) {
  session.discounts = discounts;
  total(double, session);
  double.store.put('session', session.id, session);
  return sendRedirect(response, `/c/pay/${session.id}`);
}

async function pay(visit) {
  const { double, session, form, response, language } = visit;
  const texts = textsIn(language);
  const { errors, method } = readPayment(double, session, form, texts);
  if (Object.keys(errors).length > 0) return sendHtml(response, payPage(view(visit, { errors })), 422);
  const buyer = { email: session.customer_details?.email ?? form.email.trim(), name: form.name.trim() };
  return follow(visit, paySession(double, session, method, buyer));
}

function follow(visit, { declined, challenge, event }) {
  const { double, session, response, language } = visit;
  if (challenge) return sendRedirect(response, `/c/pay/${session.id}/3ds`);
  if (declined) return sendHtml(response, payPage(view(visit, { declined: declineText(textsIn(language), declined) })), 402);
  return backToShop(double, session, response, event);
}

// As Stripe does, the buyer is held back until the shop has heard of the payment, but not for long.
async function backToShop(double, session, response, event) {
  double.store.commit();
  await double.webhooks.untilAnswered(event.id, double.options.redirectWaitMs);
  return sendRedirect(response, session.success_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id));
}

function readPayment(double, session, form, texts) {
  const errors = {};
  const refuse = (name, why = name) => { errors[name] = texts.bad[why]; };
  if (!session.customer_details?.email && !/^[^@\s]+@[^@\s]+$/.test((form.email ?? '').trim())) refuse('email');
  if (!form.name?.trim()) refuse('name');
  if (!needsMethod(session)) return { errors };
  const type = session.payment_method_types.includes(form.method) ? form.method : session.payment_method_types[0];
  return { errors, method: READERS[type](form, refuse, double) };
}

const READERS = {
  card: readCard,
  sepa_debit: (form, refuse) => {
    const debit = ibanOf(form.iban);
    if (debit === 'unknown') refuse('iban');
    return debit;
  },
};

export function readCard(form, refuse, double) {
  const card = cardOf(form.card_number);
  if (card === 'incorrect') refuse('card_number');
  if (card === 'unknown') refuse('card_number', 'unknown_card');
  if (!isFuture(form.card_expiry, double.clock.now())) refuse('card_expiry');
  if (!/^\d{3,4}$/.test((form.card_cvc ?? '').trim())) refuse('card_cvc');
  return card;
}

function isFuture(text = '', now) {
  const match = /^\s*(0?[1-9]|1[0-2])\s*\/?\s*(?:20)?(\d{2})\s*$/.exec(text);
  return match !== null && Date.UTC(2000 + Number(match[2]), Number(match[1])) / 1000 > now;
}

function showChallenge(visit) {
  const { double, session, response } = visit;
  if (!double.store.get('challenge', session.id)) return sendRedirect(response, `/c/pay/${session.id}`);
  return sendHtml(response, challengePage(view(visit)));
}

function submitChallenge(visit) {
  const { double, session, form, response } = visit;
  if (!double.store.get('challenge', session.id)) return sendRedirect(response, `/c/pay/${session.id}`);
  return follow(visit, answerChallenge(double, session, form.result === 'complete'));
}

function showReceipt({ double, id, accept, response }) {
  const charge = double.store.get('charge', id);
  const language = languageOf(null, accept);
  if (!charge) return sendHtml(response, messagePage({ language }, 'missing'), 404);
  return sendHtml(response, receiptPage(language, charge));
}
