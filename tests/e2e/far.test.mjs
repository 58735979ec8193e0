// A year in which nobody heard of Stripe, beyond what its list of events remembers: the reconciler goes by its lists of objects.
// Subscriptions share transactions; one that cannot be settled keeps nobody else waiting, and is not lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { a_year, reconcile, year_wrong } from '../bench/year.mjs';
import { sql } from '../bench/stage.mjs';

const BASE = 'comptoir_far', COUNT = 90, MOST = '9223372036854775000';
const one = (statement) => sql(statement, BASE).trim();

test('a year that nobody told of, with one subscriber who cannot be settled', async () => {
	const year = await a_year(BASE, COUNT);
	try {
		const account = one('SELECT account_id FROM orders WHERE id = 100042');
		sql(`INSERT INTO token_account (account_id, balance) VALUES (${account}, ${MOST})`, BASE); // one lot more would be beyond counting
		assert.throws(() => reconcile(year.conf), (error) => error.stdout.includes('failed=1') && error.status === 1);
		assert.equal(one("SELECT COUNT(*) FROM subscription WHERE status = 'active' AND account_id > 0"), String(COUNT - 1));
		assert.equal(one('SELECT COUNT(*) FROM subscription_period'), String(13 * (COUNT - 1)));
		assert.equal(one("SELECT state FROM orders WHERE id = 100042"), 'pending', 'nothing of it is half done');
		assert.equal(one(`SELECT COUNT(*) FROM entitlement WHERE account_id = ${account}`), '0');

		// What was wrong is mended, the days are asked for again.
		sql(`DELETE FROM token_account WHERE account_id = ${account}`, BASE);
		assert.match(reconcile(year.conf, '--days', '400'), /failed=0/);
		assert.deepEqual(year_wrong(BASE, COUNT), []);
		assert.equal(one('SELECT COUNT(DISTINCT number) FROM invoice'), one('SELECT SUM(last) FROM invoice_counter'), 'no number is missing');
		const before = one('SELECT COUNT(*) FROM event');
		reconcile(year.conf, '--days', '400');
		assert.equal(one('SELECT COUNT(*) FROM event'), before, 'nothing is told twice');
		assert.deepEqual(year_wrong(BASE, COUNT), []);
	} finally {
		await year.end();
		sql(`DROP DATABASE ${BASE}`);
	}
});
