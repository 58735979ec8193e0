// The webhook says nothing for a while: payments, refunds, a dispute. The reconciler asks Stripe, applies all of it, once.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Visitor, all_told, broken_promises, double, quiet, sql, stripe, until, value } from './shop.mjs';

const run = process.env.RUN ?? 'run';
const reconcile = (...words) => execFileSync('bin/comptoir', ['reconcile', ...words],
	{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, COMPTOIR_CONF: `${run}/conf/comptoir.conf` } });
const counts = (text) => Object.fromEntries([...text.matchAll(/(\w+)=(\d+)/g)].map(([, name, number]) => [name, Number(number)]));
const state = (session) => value(`SELECT CONCAT(state, ' ', refunded) FROM orders WHERE stripe_session = '${session}'`);
const active = (session) => Number(value(`SELECT COUNT(*) FROM entitlement e JOIN orders o ON o.id = e.order_id
	WHERE o.stripe_session = '${session}' AND e.state = 'active'`));
const everything = () => sql('CHECKSUM TABLE orders, entitlement, license, payment, refund, dispute, audit, event, mail').flat().join(' ');

async function refund(session, amount) {
	const { payment_intent } = await (await fetch(`${stripe}/v1/checkout/sessions/${session}`, { headers: { authorization: 'Bearer sk_test_double0000000000000000000' } })).json();
	const answer = await fetch(`${stripe}/v1/refunds`, { method: 'POST', body: new URLSearchParams({ payment_intent, ...(amount ? { amount } : {}) }),
		headers: { authorization: 'Bearer sk_test_double0000000000000000000' } });
	assert.equal(answer.status, 200);
}

test('what no webhook told is asked for, applied once, and every promise holds', { timeout: 120_000 }, async () => {
	const visitor = await new Visitor('en').log_in('buyer@demo.example');
	reconcile('--days', '1'); // whatever other tests left
	const sessions = [];
	for (const slug of ['rangement', 'lanterne', 'vendre-sans-crier', 'nuit-bleue', 'contraste'])
		sessions.push((await visitor.to_stripe(slug)).session);
	const [paid, returned, part, disputed, later] = sessions;
	try {
		await double('delivery', { mode: 'drop' });
		for (const session of [paid, returned, part, disputed])
			await double('pay', { session });
		await refund(returned);
		await refund(part, 100);
		await double('dispute', { session: disputed });
		for (const session of sessions)
			assert.equal(state(session), 'pending 0', 'nothing was told');

		const first = counts(reconcile());
		assert.ok(first.missed >= 12, `${first.missed} events`);
		assert.equal(first.failed, 0);
		assert.equal(state(paid), 'paid 0');
		assert.match(state(returned), /^refunded [1-9]/);
		assert.equal(state(part), 'partially_refunded 100');
		assert.equal(state(disputed), 'disputed 0');
		assert.equal(state(later), 'pending 0');
		assert.ok(active(paid) > 0 && active(part) > 0);
		assert.equal(active(returned) + active(disputed), 0);

		await quiet();
		const before = everything();
		const second = counts(reconcile());
		assert.equal(second.missed, 0);
		assert.ok(second.listed >= first.missed, 'the same events were looked at again');
		assert.equal(everything(), before, 'twice changes nothing');
		assert.equal(broken_promises(), 0);
		assert.equal(value("SELECT COUNT(*) FROM invariant WHERE broken <> 0"), '0');

		// The webhooks come after all, late and twice.
		await double('delivery', { mode: 'normal', duplicate: 1 });
		for (const event of (await double('events', { limit: 40 })).events)
			await double('resend', { event: event.id });
		await all_told();
		await quiet();
		assert.equal(everything(), before, 'nor do webhooks that come late');
	} finally {
		await double('delivery', { mode: 'normal', duplicate: 0 });
	}
});

test('while Stripe is away the mark stays; afterwards the worker catches up by itself', { timeout: 120_000 }, async () => {
	const visitor = await new Visitor('en').log_in('hannah@demo.example');
	const { session } = await visitor.to_stripe('lanterne');
	try {
		await double('delivery', { mode: 'drop' });
		await double('pay', { session });
		const mark = value('SELECT mark_at FROM reconcile');
		await double('outage', { mode: '500', path: '/v1/events' });
		assert.throws(() => reconcile());
		assert.equal(value('SELECT mark_at FROM reconcile'), mark);
		assert.match(value('SELECT error FROM reconcile'), /500/);
		await double('outage', { mode: 'off' });
		sql("UPDATE job SET run_at = UTC_TIMESTAMP(6) WHERE reaction = 'stripe_reconcile' AND unique_key = 'every'");
		await until('the worker caught up', () => state(session) === 'paid 0');
		await until('and says so', () => value('SELECT error FROM reconcile') === '' || value('SELECT error FROM reconcile') === undefined);
	} finally {
		await double('outage', { mode: 'off' });
		await double('delivery', { mode: 'normal' });
	}
});
