// What the portal does: shows the customer's subscriptions, ends them or not, changes the card.

import { amend, announce } from './event.mjs';
import { errors } from './errors.mjs';
import { readCard } from './checkout.mjs';
import { decline } from './cards.mjs';
import { sendHtml, sendRedirect } from './html.mjs';
import { declineText, languageOf, textsIn } from './page_text.mjs';
import { addPaymentMethod, attach } from './payment_method.mjs';
import { portalMessage, portalView } from './portal_html.mjs';
import { upcomingOf } from './preview.mjs';
import { planChange } from './proration.mjs';
import { changeSubscription, isOver } from './subscription.mjs';
import { cancelFields, carryOut, lookUp } from './subscription_update.mjs';
import { end } from './subscription_status.mjs';
import { wake } from './subscription_wake.mjs';

// Stripe's is short-lived too; here an hour.
const LIFE = 3600;

function open(visit, handler) {
  const { double, id, accept, response } = visit;
  const session = double.store.get('portal_session', id);
  const language = languageOf(session, accept);
  if (!session || session.created + LIFE < double.clock.now()) {
    return sendHtml(response, portalMessage(language, session), session ? 410 : 404);
  }
  double.due.run();
  const customer = double.store.get('customer', session.customer);
  const features = double.store.get('billing_portal.configuration', session.configuration).features;
  return handler({ ...visit, session, language, customer, features, texts: textsIn(language) });
}

export const showPortal = (visit) => open(visit, (one) => show(one));

export const submitPortal = (visit) => open(visit, (one) => (ACTIONS[one.form.action] ?? show)(one));

const subscriptionsOf = ({ double, customer }) =>
  [...double.store.values('subscription')].filter((one) => one.customer === customer.id).reverse();

const invoicesOf = ({ double, customer }) =>
  [...double.store.values('invoice')].filter((one) => one.customer === customer.id && one.status !== 'draft').reverse();

function show(visit, { status = 200, ...more } = {}) {
  const { double, session, language, customer, features, form = {} } = visit;
  const subscriptions = subscriptionsOf(visit);
  const method = subscriptions.find((one) => !isOver(one))?.default_payment_method ?? customer.invoice_settings.default_payment_method;
  return sendHtml(visit.response, portalView({
    session, language, customer, features, values: form, errors: {}, token: visit.id, flow: visit.url.searchParams.has('done') ? null : session.flow,
    now: double.clock.now(), method: double.store.get('payment_method', method), invoices: invoicesOf(visit).slice(0, 24),
    subscriptions: subscriptions.map((one) => ({
      ...one, products: one.items.data.map(({ price }) => double.store.get('product', price.product)?.name), upcoming: upcomingOf(double, one),
    })),
    update: updateOf(visit), ...more,
  }), status);
}

// What the update the shop proposed would cost today.
function updateOf({ double, session }) {
  const given = session.flow?.subscription_update_confirm;
  if (!given) return null;
  const subscription = double.store.get('subscription', given.subscription);
  const plan = planned(double, subscription, given);
  return { subscription, price: plan.changes.items.data[0].price, now: plan.now, amount: plan.lines.reduce((sum, { amount }) => sum + amount, 0) };
}

const planned = (double, subscription, given, keep = false) => planChange(double, subscription, {
  items: lookUp(double, subscription, given.items.map((item) => ({ ...item, quantity: item.quantity && Number(item.quantity) })), { keep }),
  proration_behavior: 'always_invoice',
});

const mine = (visit) => {
  const subscription = visit.double.store.get('subscription', visit.form.subscription);
  if (subscription?.customer !== visit.customer.id || isOver(subscription)) throw errors.notFound('subscription', visit.form.subscription);
  return subscription;
};

// After a flow back to the shop, if it asked for that.
function done({ double, session, id, response }) {
  const { type, redirect } = session.flow?.after_completion ?? {};
  double.store.commit();
  return sendRedirect(response, type === 'redirect' && redirect?.return_url ? redirect.return_url : `/p/session/${id}?done=1`);
}

const ACTIONS = { cancel, renew, card, update };

function cancel(visit) {
  const { double, features, form } = visit;
  const subscription = mine(visit);
  const details = form.feedback ? { feedback: form.feedback } : undefined;
  if (!features.subscription_cancel.enabled) return show(visit);
  if (features.subscription_cancel.mode === 'immediately') {
    end(double, subscription, { reason: 'cancellation_requested', ...details });
  } else {
    changeSubscription(double, subscription, cancelFields(double, subscription, { cancel_at_period_end: true, cancellation_details: details }));
    wake(double, subscription);
  }
  return done(visit);
}

function renew(visit) {
  const subscription = mine(visit);
  changeSubscription(visit.double, subscription, cancelFields(visit.double, subscription, { cancel_at_period_end: false }));
  wake(visit.double, subscription);
  return done(visit);
}

function update(visit) {
  const { double, session } = visit;
  const given = session.flow?.subscription_update_confirm;
  const subscription = given && double.store.get('subscription', given.subscription);
  if (!subscription || isOver(subscription)) return show(visit);
  try {
    carryOut(double, subscription, planned(double, subscription, given, true), { behavior: 'error_if_incomplete' });
  } catch (error) {
    if (error.status !== 402) throw error;
    return show(visit, { status: 402, declined: declineText(visit.texts, { code: error.error.code, declineCode: error.error.decline_code }) });
  }
  return done(visit);
}

function card(visit) {
  const { double, form, texts, customer, features } = visit;
  if (!features.payment_method_update.enabled) return show(visit);
  const wrong = {};
  const method = readCard(form, (name, why = name) => { wrong[name] = texts.bad[why]; }, double);
  if (Object.keys(wrong).length > 0) return show(visit, { status: 422, errors: wrong });
  if (method.what === 'decline' && !method.attach) {
    return show(visit, { status: 402, declined: declineText(texts, decline(method.because)) });
  }
  saveCard(double, customer, method, subscriptionsOf(visit));
  return done(visit);
}

// The new card becomes the customer's, and that of all the subscriptions.
function saveCard(double, customer, method, subscriptions) {
  const { id } = attach(double, addPaymentMethod(double, method, { email: customer.email, name: customer.name }), customer.id);
  const settings = { ...customer.invoice_settings, default_payment_method: id };
  announce(double, 'customer.updated', customer, amend(double, 'customer', customer, { invoice_settings: settings }));
  for (const one of subscriptions) if (!isOver(one)) changeSubscription(double, one, { default_payment_method: id });
}
