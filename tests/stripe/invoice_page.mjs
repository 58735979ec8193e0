// The hosted invoice: the buyer pays it with another card, or confirms the payment to the bank.

import { readCard } from './checkout.mjs';
import { sendHtml, sendRedirect } from './html.mjs';
import { attempt, markPaid } from './invoice_pay.mjs';
import { intentFor } from './invoice_payment.mjs';
import { declineText, languageOf, textsIn } from './page_text.mjs';
import { refuse, succeed } from './payment.mjs';
import { addPaymentMethod, attach } from './payment_method.mjs';
import { invoiceMissing, invoicePage } from './portal_html.mjs';
import { decline } from './cards.mjs';

function open(visit, handler) {
  const { double, id, accept, response, url } = visit;
  const language = languageOf(null, accept);
  const invoice = double.store.get('invoice', id);
  if (!invoice?.hosted_invoice_url?.endsWith(url.pathname.replace(/\/pdf$/, ''))) return sendHtml(response, invoiceMissing(language), 404);
  return handler({ ...visit, invoice, language, texts: textsIn(language), intent: intentFor(double, invoice) });
}

function show({ invoice, language, form, response, intent, url }, { status = 200, ...more } = {}) {
  return sendHtml(response, invoicePage({
    invoice, language, values: form, errors: {}, action: url.pathname, secure: intent?.status === 'requires_action', ...more,
  }), status);
}

export const showInvoice = (visit) => open(visit, (one) => show(one));

const PAYABLE = ['open', 'uncollectible'];

export const submitInvoice = (visit) => open(visit, (one) => {
  if (!PAYABLE.includes(one.invoice.status)) return show(one);
  return one.intent?.status === 'requires_action' ? answer(one) : pay(one);
});

function answer(visit) {
  const { double, intent, invoice, form, response, url } = visit;
  const method = double.store.get('test_method', intent.payment_method);
  const { email, name } = double.store.get('payment_method', intent.payment_method).billing_details;
  const paying = { id: intent.payment_method, method, billing: { email, name } };
  const because = form.result === 'complete' ? method.because : 'authentication';
  if (because) {
    refuse(double, intent, paying, because);
    return show(visit, { status: 402, secure: false, declined: declineText(visit.texts, decline(because)) });
  }
  succeed(double, intent, paying);
  markPaid(double, invoice);
  return sendRedirect(response, url.pathname);
}

function pay(visit) {
  const { double, invoice, form, texts, response, url } = visit;
  const errors = {};
  const method = readCard(form, (name, why = name) => { errors[name] = texts.bad[why]; }, double);
  if (Object.keys(errors).length > 0) return show(visit, { status: 422, errors });
  const buyer = { email: invoice.customer_email, name: invoice.customer_name };
  const { id } = attach(double, addPaymentMethod(double, method, buyer), invoice.customer);
  const { what, because } = attempt(double, invoice, { method: id, present: true, manual: true });
  if (what === 'decline') return show(visit, { status: 402, declined: declineText(texts, decline(because)) });
  return sendRedirect(response, url.pathname);
}
