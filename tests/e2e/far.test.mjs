// A year in which nobody heard of Stripe, beyond what its list of events remembers: the reconciler goes by its lists of objects.
// Subscriptions share transactions; one that cannot be settled keeps nobody else waiting, and is kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { a_year, reconcile, tool, year_wrong } from '../bench/year.mjs';
import { sql } from '../bench/stage.mjs';

const BASE = 'comptoir_far', COUNT = 90, MOST = '9223372036854775000';
const one = (statement) => sql(statement, BASE).trim();

test('a year that nobody told of, with two subscribers who cannot be settled', async () => {
	const year = await a_year(BASE, COUNT);
	try {
		const accounts = one('SELECT GROUP_CONCAT(account_id) FROM orders WHERE id IN (100042, 100043)');
		sql(`INSERT INTO token_account (account_id, balance) SELECT id, ${MOST} FROM account WHERE id IN (${accounts})`, BASE); // one lot more would be beyond counting
		assert.throws(() => reconcile(year.conf), (error) => {
			assert.match(error.stdout, /failed=2/);
			return error.status === 1;
		});
		assert.equal(one("SELECT COUNT(*) FROM subscription WHERE status = 'active' AND account_id > 0"), String(COUNT - 2));
		assert.equal(one('SELECT COUNT(*) FROM subscription_period'), String(13 * (COUNT - 2)));
		assert.equal(one("SELECT COUNT(*) FROM orders WHERE id IN (100042, 100043) AND state = 'pending'"), '2', 'nothing of them is half done');
		assert.equal(one(`SELECT COUNT(*) FROM entitlement WHERE account_id IN (${accounts})`), '0');
		const kept = one("SELECT id FROM stripe_event WHERE state = 'failed' AND id LIKE 'far%' AND retry_at IS NOT NULL ORDER BY id").split('\n');
		assert.equal(kept.length, 2, 'they are kept, to be tried again');

		// What was wrong is mended: the worker, or whoever plays it again, settles one; the other when the days are asked for again.
		sql(`DELETE FROM token_account WHERE account_id IN (${accounts})`, BASE);
		assert.match(tool(year.conf, 'stripe', 'replay', kept[0]), /applied/);
		assert.equal(one("SELECT COUNT(*) FROM subscription WHERE status = 'active' AND account_id > 0"), String(COUNT - 1));
		assert.match(reconcile(year.conf, '--days', '400'), /failed=0/);
		assert.deepEqual(year_wrong(BASE, COUNT), []);
		assert.equal(one('SELECT COUNT(DISTINCT number) FROM invoice'), one('SELECT SUM(last) FROM invoice_counter'), 'no number is missing');
		const before = one('SELECT COUNT(*) FROM event');
		reconcile(year.conf, '--days', '400');
		tool(year.conf, 'stripe', 'replay', kept[1]);
		assert.equal(one('SELECT COUNT(*) FROM event'), before, 'nothing is told twice');
		assert.deepEqual(year_wrong(BASE, COUNT), []);
	} finally {
		await year.end();
		sql(`DROP DATABASE ${BASE}`);
	}
});
