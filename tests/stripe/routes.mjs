// Every call of the API that is played here.

import { listTransactions, retrieveAccount, retrieveBalance } from './balance.mjs';
import * as catalog from './catalog.mjs';
import { listCharges } from './charge.mjs';
import * as customer from './customer.mjs';
import * as discount from './discount.mjs';
import { listDisputes } from './dispute.mjs';
import { listEvents, resendEvent, retrieveEvent } from './event.mjs';
import * as intent from './payment_intent.mjs';
import * as invoice from './invoice_api.mjs';
import { listInvoicePayments } from './invoice_payment.mjs';
import * as method from './payment_method.mjs';
import { confirmPage, retrievePage } from './payment_page.mjs';
import * as portal from './portal.mjs';
import { createPreview } from './preview.mjs';
import { createRefund, listRefunds, updateRefund } from './refund.mjs';
import * as schedule from './schedule.mjs';
import * as session from './session.mjs';
import * as subscription from './subscription.mjs';
import { createSubscription } from './subscription_create.mjs';
import * as ending from './subscription_end.mjs';
import * as changing from './subscription_update.mjs';

const { retrieve } = catalog;

const ROUTES = [
  ['POST', 'checkout/sessions', session.createSession],
  ['GET', 'checkout/sessions', session.listSessions],
  ['GET', 'checkout/sessions/:id', session.retrieveSession],
  ['POST', 'checkout/sessions/:id', session.updateSession],
  ['POST', 'checkout/sessions/:id/expire', session.expireSession],
  ['GET', 'checkout/sessions/:id/line_items', session.sessionLines],
  ['GET', 'payment_pages/:id', retrievePage],
  ['POST', 'payment_pages/:id/confirm', confirmPage],
  ['POST', 'payment_methods', method.createPaymentMethod],
  ['GET', 'payment_methods', method.listMethods],
  ['GET', 'payment_methods/:id', retrieve('payment_method')],
  ['POST', 'payment_methods/:id/attach', method.attachMethod],
  ['POST', 'payment_methods/:id/detach', method.detachMethod],
  ['GET', 'customers/:id/payment_methods', method.customerMethods],
  ['POST', 'subscriptions', createSubscription],
  ['GET', 'subscriptions', subscription.listSubscriptions],
  ['GET', 'subscriptions/:id', subscription.retrieveSubscription],
  ['POST', 'subscriptions/:id', changing.updateSubscription],
  ['DELETE', 'subscriptions/:id', ending.cancelSubscription],
  ['POST', 'subscriptions/:id/pause', ending.pauseSubscription],
  ['POST', 'subscriptions/:id/resume', ending.resumeSubscription],
  ['POST', 'subscription_items', changing.createItem],
  ['GET', 'subscription_items', subscription.listItems],
  ['GET', 'subscription_items/:id', subscription.retrieveItem],
  ['POST', 'subscription_items/:id', changing.updateItem],
  ['DELETE', 'subscription_items/:id', changing.deleteItem],
  ['POST', 'subscription_schedules', schedule.createSchedule],
  ['GET', 'subscription_schedules', schedule.listSchedules],
  ['GET', 'subscription_schedules/:id', schedule.retrieveSchedule],
  ['POST', 'subscription_schedules/:id', schedule.updateSchedule],
  ['POST', 'subscription_schedules/:id/release', schedule.releaseSchedule],
  ['POST', 'subscription_schedules/:id/cancel', schedule.cancelSchedule],
  ['GET', 'invoices', invoice.listInvoices],
  ['POST', 'invoices/create_preview', createPreview],
  ['GET', 'invoices/:id', invoice.retrieveInvoice],
  ['POST', 'invoices/:id', invoice.updateInvoice],
  ['GET', 'invoices/:id/lines', invoice.invoiceLines],
  ['POST', 'invoices/:id/finalize', invoice.finalizeInvoice],
  ['POST', 'invoices/:id/pay', invoice.payInvoice],
  ['POST', 'invoices/:id/void', invoice.voidInvoice],
  ['POST', 'invoices/:id/mark_uncollectible', invoice.markUncollectible],
  ['POST', 'billing_portal/configurations', portal.createConfiguration],
  ['GET', 'billing_portal/configurations', portal.listConfigurations],
  ['GET', 'billing_portal/configurations/:id', portal.retrieveConfiguration],
  ['POST', 'billing_portal/configurations/:id', portal.updateConfiguration],
  ['POST', 'billing_portal/sessions', portal.createPortalSession],
  ['GET', 'invoice_payments', listInvoicePayments],
  ['GET', 'invoice_payments/:id', retrieve('invoice_payment')],
  ['POST', 'payment_intents', intent.createIntent],
  ['GET', 'payment_intents', intent.listIntents],
  ['GET', 'payment_intents/:id', intent.retrieveIntent],
  ['POST', 'payment_intents/:id', intent.updateIntent],
  ['POST', 'payment_intents/:id/confirm', intent.confirmIntent],
  ['POST', 'payment_intents/:id/cancel', intent.cancelIntent],
  ['GET', 'charges', listCharges],
  ['GET', 'charges/:id', retrieve('charge')],
  ['POST', 'refunds', createRefund],
  ['GET', 'refunds', listRefunds],
  ['GET', 'refunds/:id', retrieve('refund')],
  ['POST', 'refunds/:id', updateRefund],
  ['GET', 'disputes', listDisputes],
  ['GET', 'disputes/:id', retrieve('dispute')],
  ['POST', 'products', catalog.createProduct],
  ['GET', 'products', catalog.listProducts],
  ['GET', 'products/:id', retrieve('product')],
  ['POST', 'products/:id', catalog.updateProduct],
  ['DELETE', 'products/:id', catalog.deleteProduct],
  ['POST', 'prices', catalog.createPrice],
  ['GET', 'prices', catalog.listPrices],
  ['GET', 'prices/:id', retrieve('price')],
  ['POST', 'prices/:id', catalog.updatePrice],
  ['POST', 'customers', customer.createCustomer],
  ['GET', 'customers', customer.listCustomers],
  ['GET', 'customers/:id', customer.retrieveCustomer],
  ['POST', 'customers/:id', customer.updateCustomer],
  ['DELETE', 'customers/:id', customer.deleteCustomer],
  ['POST', 'coupons', discount.createCoupon],
  ['GET', 'coupons', discount.listCoupons],
  ['GET', 'coupons/:id', retrieve('coupon')],
  ['POST', 'coupons/:id', discount.updateCoupon],
  ['DELETE', 'coupons/:id', discount.deleteCoupon],
  ['POST', 'promotion_codes', discount.createPromotionCode],
  ['GET', 'promotion_codes', discount.listPromotionCodes],
  ['GET', 'promotion_codes/:id', retrieve('promotion_code')],
  ['POST', 'promotion_codes/:id', discount.updatePromotionCode],
  ['GET', 'events', listEvents],
  ['GET', 'events/:id', retrieveEvent],
  ['POST', 'events/:id/retry', resendEvent],
  ['GET', 'balance', retrieveBalance],
  ['GET', 'balance_transactions', listTransactions],
  ['GET', 'balance_transactions/:id', retrieve('balance_transaction')],
  ['GET', 'account', retrieveAccount],
];

const compiled = ROUTES.map(([method, path, handler]) => ({
  method, handler, pattern: new RegExp(`^/v1/${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`),
}));

export function findRoute(method, path) {
  for (const route of compiled) {
    const match = route.method === method && route.pattern.exec(path);
    if (match) return { handler: route.handler, args: { ...match.groups } };
  }
  return null;
}
