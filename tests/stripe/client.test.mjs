// Outside judges: Stripe's own client library and command line work against the double unmodified.
// Without `npm ci` in tests/ they are skipped.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { scene, SECRET, sessionParameters } from './helper.mjs';

const require = createRequire(import.meta.url);
const run = promisify(execFile);

async function library() {
  try {
    return (await import('stripe')).default;
  } catch {
    return null;
  }
}

function program() {
  try {
    const manifest = require.resolve(`@stripe/cli-${process.platform}-${process.arch}/package.json`);
    const path = join(dirname(manifest), 'bin', 'stripe');
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

const Stripe = await library();
const cli = program();

const connect = (double, more = {}) => new Stripe('sk_test_double',
  { host: '127.0.0.1', port: double.port, protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...more });

describe('npm stripe', { skip: Stripe ? false : 'not installed' }, () => {
  test('a purchase from price to refund', async (t) => {
    const { double, shop, control } = await scene(t);
    const stripe = connect(double);
    const product = await stripe.products.create({ name: 'Field Guide' });
    const price = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 1900 });
    const session = await stripe.checkout.sessions.create(
      sessionParameters({ line_items: [{ price: price.id, quantity: 1 }] }), { idempotencyKey: 'ord_1-checkout-1' });
    await control('pay', { session: session.id });
    await shop.untilType('checkout.session.completed');
    const [delivery] = shop.of('checkout.session.completed');
    const event = stripe.webhooks.constructEvent(delivery.body, delivery.headers['stripe-signature'], SECRET);
    assert.equal(event.data.object.id, session.id);
    const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge', 'line_items.data.price.product'] });
    assert.equal(paid.payment_intent.latest_charge.amount, 1900);
    assert.equal(paid.line_items.data[0].price.product.name, 'Field Guide');
    const refund = await stripe.refunds.create({ payment_intent: paid.payment_intent.id }, { idempotencyKey: 'ord_1-refund-1' });
    assert.equal(refund.amount, 1900);
    await assert.rejects(stripe.refunds.create({ payment_intent: paid.payment_intent.id }),
      (error) => error.code === 'charge_already_refunded' && error.statusCode === 400);
  });

  test('every event passes constructEvent, none with the wrong secret', async (t) => {
    const { double, shop, control, newSession } = await scene(t);
    const stripe = connect(double);
    await control('pay', { session: (await newSession()).id, card: '4000000000000259' });
    await shop.untilType('charge.dispute.created');
    for (const { body, headers } of shop.got) {
      stripe.webhooks.constructEvent(body, headers['stripe-signature'], SECRET);
      assert.throws(() => stripe.webhooks.constructEvent(body, headers['stripe-signature'], 'whsec_other'));
    }
  });

  test('lists page by themselves and errors have their classes', async (t) => {
    const { double } = await scene(t);
    const stripe = connect(double);
    for (let i = 0; i < 5; i += 1) await stripe.customers.create({ email: `c${i}@example.com` });
    const emails = [];
    for await (const { email } of stripe.customers.list({ limit: 2 })) emails.push(email);
    assert.deepEqual(emails, [4, 3, 2, 1, 0].map((i) => `c${i}@example.com`));
    await assert.rejects(stripe.customers.retrieve('cus_0'), Stripe.errors.StripeInvalidRequestError);
    await assert.rejects(stripe.paymentIntents.create(
      { amount: 500, currency: 'eur', confirm: true, payment_method: 'pm_card_chargeDeclined' }), Stripe.errors.StripeCardError);
  });

  test('its retries end in one object', async (t) => {
    const { double, control } = await scene(t);
    const stripe = connect(double, { maxNetworkRetries: 2 });
    for (const mode of ['lost', 'close', '500', 'lock']) {
      await control('outage', { mode, count: 1 });
      const { id } = await stripe.customers.create({ email: `${mode}@example.com` });
      const { data } = await stripe.customers.list({ email: `${mode}@example.com` });
      assert.deepEqual(data.map((customer) => customer.id), [id], mode);
    }
  });
});

describe('stripe CLI', { skip: cli ? false : 'not installed' }, () => {
  const command = async (t, double, ...words) => {
    const home = mkdtempSync(join(tmpdir(), 'stripe-cli-'));
    t.after(() => rmSync(home, { recursive: true }));
    return run(cli, [...words, '--api-base', double.url, '--api-key', 'sk_test_abcdefghijklmnopqrstuvwxyz'],
      { env: { HOME: home, PATH: process.env.PATH, STRIPE_CLI_TELEMETRY_OPTOUT: '1' }, timeout: 60_000 });
  };

  // [what is triggered, what then must have been sent, days to wait for it]
  const TRIGGERS = [
    ['checkout.session.completed', ['checkout.session.completed', 'payment_intent.succeeded', 'charge.succeeded']],
    ['checkout.session.expired', ['checkout.session.expired']],
    ['checkout.session.async_payment_succeeded', ['checkout.session.completed', 'checkout.session.async_payment_succeeded'], 1],
    ['checkout.session.async_payment_failed', ['checkout.session.completed', 'checkout.session.async_payment_failed'], 1],
    ['charge.refunded', ['refund.created', 'charge.refunded']],
    ['charge.dispute.created', ['charge.dispute.created']],
    ['payment_intent.payment_failed', ['payment_intent.payment_failed', 'charge.failed']],
    ['customer.updated', ['customer.created', 'customer.updated']],
    ['price.updated', ['price.created', 'price.updated']],
    ['customer.subscription.updated', ['customer.subscription.created', 'invoice.paid', 'customer.subscription.updated']],
    ['customer.subscription.deleted', ['customer.subscription.created', 'customer.subscription.deleted']],
    ['customer.subscription.paused', ['customer.subscription.trial_will_end', 'customer.subscription.paused']],
    ['billing_portal.session.created', ['billing_portal.configuration.created', 'billing_portal.session.created']],
  ];

  for (const [name, expected, days = 0] of TRIGGERS) {
    test(`trigger ${name}`, async (t) => {
      const { double, shop, control } = await scene(t);
      await command(t, double, 'trigger', name);
      if (days > 0) await control('clock', { advance: days * 86_400 });
      for (const type of expected) await shop.untilType(type);
    });
  }

  test('resource commands and events resend', async (t) => {
    const { double, shop, post } = await scene(t);
    await post('products', { name: 'Field Guide' });
    await shop.untilType('product.created');
    const { stdout } = await command(t, double, 'products', 'list', '--limit', '1');
    assert.equal(JSON.parse(stdout).data[0].name, 'Field Guide');
    await command(t, double, 'events', 'resend', shop.got[0].event.id);
    await shop.untilType('product.created', 2);
  });
});
