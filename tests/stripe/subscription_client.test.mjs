// Stripe's own library on subscriptions. Without `npm ci` in tests/ it is skipped.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scene, SECRET, subscriptionParameters } from './helper.mjs';

const Stripe = await import('stripe').then((library) => library.default, () => null);

const connect = (double) => new Stripe('sk_test_double',
  { host: '127.0.0.1', port: double.port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });

describe('npm stripe', { skip: Stripe ? false : 'not installed' }, () => {
  test('from checkout to the end', async (t) => {
    const { double, shop, control } = await scene(t);
    const stripe = connect(double);
    const session = await stripe.checkout.sessions.create(subscriptionParameters());
    await control('pay', { session: session.id });
    await shop.untilType('checkout.session.completed');
    for (const { body, headers } of shop.got) stripe.webhooks.constructEvent(body, headers['stripe-signature'], SECRET);
    const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription.latest_invoice', 'invoice.payments'] });
    const { subscription } = paid;
    assert.equal(subscription.latest_invoice.id, paid.invoice.id);
    const [item] = subscription.items.data;
    const year = await stripe.prices.create({ product: item.price.product, currency: 'eur', unit_amount: 9900, recurring: { interval: 'year' } });
    const change = { items: [{ id: item.id, price: year.id }] };
    const preview = await stripe.invoices.createPreview({ subscription: subscription.id, subscription_details: change });
    const changed = await stripe.subscriptions.update(subscription.id, { ...change, expand: ['latest_invoice', 'customer'] });
    assert.equal(changed.latest_invoice.amount_due, preview.amount_due);
    assert.equal(changed.customer.object, 'customer');
    const lines = await stripe.invoices.listLineItems(changed.latest_invoice.id);
    assert.deepEqual(lines.data.map(({ amount }) => amount < 0), [true, false]);
    const intent = paid.invoice.payments.data[0].payment.payment_intent;
    const links = await stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: intent }, expand: ['data.invoice'] });
    assert.equal(links.data[0].invoice.billing_reason, 'subscription_create');
    assert.equal((await stripe.subscriptions.cancel(subscription.id)).status, 'canceled');
    await assert.rejects(stripe.subscriptions.cancel(subscription.id), (error) => error.code === 'resource_missing');
  });

  test('the other calls', async (t) => {
    const { double, control } = await scene(t);
    const stripe = connect(double);
    const customer = await stripe.customers.create({ email: 'a@example.com' });
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
    const product = await stripe.products.create({ name: 'Club' });
    const price = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 900, recurring: { interval: 'month' } });
    const { id } = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    assert.equal((await stripe.subscriptions.pause(id, { type: 'subscription' })).status, 'paused');
    assert.equal((await stripe.subscriptions.resume(id, { billing_cycle_anchor: { type: 'unchanged' } })).status, 'active');
    await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } });
    await stripe.subscriptions.update(id, { pause_collection: '' });
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id });
    assert.equal((await stripe.subscriptionSchedules.release(schedule.id)).released_subscription, id);
    const configuration = await stripe.billingPortal.configurations.create({ features: { invoice_history: { enabled: true } } });
    const portal = await stripe.billingPortal.sessions.create(
      { customer: customer.id, configuration: configuration.id, return_url: 'https://shop.example.com/' });
    assert.match(portal.url, /\/p\/session\/test_/);
    assert.deepEqual((await stripe.customers.listPaymentMethods(customer.id)).data.map((one) => one.id), [method.id]);
    await control('clock', { advance: 70 * 86_400 });
    const invoices = [];
    for await (const invoice of stripe.invoices.list({ subscription: id, limit: 1 })) invoices.push(invoice.billing_reason);
    assert.deepEqual(invoices, ['subscription_cycle', 'subscription_cycle', 'subscription_create']);
    const sessions = await stripe.checkout.sessions.list({ subscription: id });
    assert.equal(sessions.data.length, 0);
    const events = await stripe.events.list({ types: ['invoice.paid', 'invoice.created'], created: { gte: customer.created }, limit: 2 });
    assert.deepEqual(events.data.map(({ type }) => type), ['invoice.paid', 'invoice.created']);
  });
});
