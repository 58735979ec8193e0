// Reading invoices and acting on them.

import { change } from './catalog.mjs';
import { amend } from './event.mjs';
import { errors } from './errors.mjs';
import { finalize, giveUp, linesOf, subscriptionOf } from './invoice.mjs';
import { attempt, defaultMethod, later, markPaid, outcomeOf } from './invoice_pay.mjs';
import { created, equal, listing, page, pagingOnly } from './lists.mjs';
import { methodOfCustomer } from './payment_method.mjs';
import { anything, boolean, metadata, request, text } from './schema.mjs';
import { declinedAway } from './subscription_pending.mjs';

export function findInvoice(double, id) {
  double.due.check(id);
  const invoice = double.store.get('invoice', id);
  if (!invoice) throw errors.notFound('invoice', id, 'invoice');
  return invoice;
}

const onlyExpand = request({});

export function retrieveInvoice({ double, args, params }) {
  onlyExpand(params);
  return findInvoice(double, args.id);
}

export function invoiceLines({ double, args, params }) {
  const given = pagingOnly(params);
  return page(linesOf(double, findInvoice(double, args.id)), given, 'line_item', `/v1/invoices/${args.id}/lines`);
}

const mustBe = (invoice, statuses, verb) => {
  if (statuses.includes(invoice.status)) return invoice;
  throw errors.invalid(`This invoice cannot be ${verb}: its status is ${invoice.status}.`);
};

const payParameters = request({
  forgive: boolean, mandate: anything, off_session: boolean, paid_out_of_band: boolean, payment_method: text(), source: text(),
});

export function payInvoice({ double, args, params }) {
  const given = payParameters(params);
  const invoice = findInvoice(double, args.id);
  if (invoice.status === 'paid') throw errors.coded('invoice_already_paid', 'Invoice is already paid');
  mustBe(invoice, ['draft', 'open', 'uncollectible'], 'paid');
  if (invoice.status === 'draft') finalize(double, invoice);
  if (given.paid_out_of_band) return markPaid(double, invoice, { tries: invoice.attempt_count, out: true });
  if (invoice.amount_due === 0) return markPaid(double, invoice, { tries: 0 });
  const method = given.payment_method ? methodOfCustomer(double, given.payment_method, invoice.customer, 'payment_method')
    : defaultMethod(double, subscriptionOf(double, invoice), invoice);
  if (!method) throw errors.noPaymentMethod();
  const { what, because } = outcomeOf(double, method);
  attempt(double, invoice, { method, manual: true });
  if (what !== 'pay') throw errors.declined(declinedAway(what, because));
  return invoice;
}

export function voidInvoice({ double, args, params }) {
  onlyExpand(params);
  return giveUp(double, mustBe(findInvoice(double, args.id), ['open', 'uncollectible'], 'voided'), 'void');
}

export function markUncollectible({ double, args, params }) {
  onlyExpand(params);
  return giveUp(double, mustBe(findInvoice(double, args.id), ['open'], 'marked as uncollectible'), 'uncollectible');
}

const finalizeParameters = request({ auto_advance: boolean });

export function finalizeInvoice({ double, args, params }) {
  const { auto_advance: advance = true } = finalizeParameters(params);
  const invoice = finalize(double, mustBe(findInvoice(double, args.id), ['draft'], 'finalized'));
  if (invoice.amount_due === 0) return markPaid(double, invoice, { tries: 0 });
  amend(double, 'invoice', invoice, { auto_advance: advance });
  if (advance) {
    const soon = double.clock.now() + 3600;
    double.due.put(invoice.id, { invoice: invoice.id, at: soon, what: 'invoice' });
  }
  return invoice;
}

export const updateInvoice = change('invoice', request({ auto_advance: boolean, description: text(), footer: text(), metadata }),
  (invoice, double) => {
    if (invoice.status !== 'draft') return;
    if (!invoice.auto_advance) double.due.remove(invoice.id);
    else later(double, Object.assign(invoice, { automatically_finalizes_at: double.clock.now() + 3600 }));
  });

export const listInvoices = listing('invoice', '/v1/invoices', {
  collection_method: equal('collection_method'), created, customer: equal('customer'), status: equal('status'),
  subscription: {
    type: text(), test: (id, { parent }) => parent?.subscription_details?.subscription === id,
  },
});
