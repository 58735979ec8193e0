// Stripe's event of a paid Checkout Session, signed, for one of the seeded pending orders.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { secret } from './stage.mjs';

const story = JSON.parse(readFileSync('tests/spec/stripe/stories/one-off-purchase/03-checkout.session.completed.json', 'utf8'));

function event_of(n) {
	const event = structuredClone(story), session = event.data.object;
	event.id = `evt_bench${String(n).padStart(20, '0')}`;
	event.created = session.created = Math.floor(Date.now() / 1000);
	session.id = `cs_test_${String(n).padStart(58, 'b')}`;
	session.client_reference_id = String(n).padStart(12, 'B').replace(/(.{4})(.{4})(.{4})/, '$1-$2-$3');
	session.metadata = { order_id: session.client_reference_id };
	session.currency = 'eur';
	session.payment_intent = `pi_bench${String(n).padStart(16, '0')}`;
	return JSON.stringify(event, null, 2);
}

// The whole request; the signature is good for five minutes.
export function event_request(path, n) {
	const body = event_of(n), time = Math.floor(Date.now() / 1000);
	const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
	return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n`
		+ `Stripe-Signature: t=${time},v1=${signature}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
