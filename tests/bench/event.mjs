// Stripe's events, signed, each about an order of its own: made from recorded and assembled ones (tests/spec/stripe).
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { secret } from './stage.mjs';

const stories = 'tests/spec/stripe/stories';
const read = (path) => readFileSync(`${stories}/${path}.json`, 'utf8');
const paid_session = JSON.parse(read('one-off-purchase/03-checkout.session.completed'));

const number_of = (n) => String(n).padStart(12, 'B').replace(/(.{4})(.{4})(.{4})/, '$1-$2-$3');
const session_of = (n) => `cs_test_${String(n).padStart(58, 'b')}`;
const payment_of = (n) => `pi_bench${String(n).padStart(16, '0')}`;
const seconds = () => Math.floor(Date.now() / 1000);

// The order with this number has been paid.
function order_paid(n) {
	const event = structuredClone(paid_session), session = event.data.object;
	event.id = `evt_bench${String(n).padStart(20, '0')}`;
	event.created = session.created = seconds();
	session.id = session_of(n);
	session.client_reference_id = number_of(n);
	session.metadata = { order_id: session.client_reference_id };
	session.currency = 'eur';
	session.payment_intent = payment_of(n);
	return JSON.stringify(event, null, 2);
}

// An event of a story, told of another order: its ids end in n, its times are moved so that `now` in the story is now.
function told(path, now) {
	const text = read(path);
	return (n) => {
		const shift = seconds() - now, end = String(n).padStart(9, '0');
		return text.replace(/"(evt|sub|in|cus|si|il|re|du|txn|pm|seti|py|ch|pi|cs_test)_(\w+)"/g, (_, kind, id) =>
			`"${kind === 'cs_test' ? session_of(n) : kind === 'pi' ? payment_of(n) : kind === 'ch' ? `ch_bench${end}` : `${kind}_${id.slice(-8)}${end}`}"`)
			.replace(/: (1[78]\d{8})(?=[,\n])/g, (_, time) => `: ${Number(time) + shift}`)
			.replace(/"price_\w+"/g, '"price_bench"').replace(/"ord_\d+"/g, `"${number_of(n)}"`)
			.replace(/"plan": "club-monthly"/g, `"order_id": "${number_of(n)}"`).replace(/"usd"/g, '"eur"');
	};
}

const RENEWED = 1790852501; // in the story of the monthly subscription
const month = (name) => told(`monthly-subscription/${name}`, RENEWED);
const subscribed = [month('04-checkout.session.completed'), month('01-customer.subscription.created'), month('02-invoice.paid')];
const rolled = month('05-customer.subscription.updated');

// Each kind of event, with what was told before it. The renewal's subscription has rolled on by then, as at Stripe.
export const kinds = [
	{ type: 'checkout.session.completed', before: [], event: order_paid, goal: 0.9 },
	{ type: 'charge.succeeded', before: [order_paid], event: told('one-off-purchase/01-charge.succeeded', 1788256861) },
	{ type: 'charge.refunded', before: [order_paid], event: told('refund-full/03-charge.refunded', 1788602401) },
	{ type: 'refund.created', before: [order_paid], event: told('refund-full/02-refund.created', 1788602401) },
	{ type: 'charge.dispute.created', before: [order_paid], event: told('dispute-won/02-charge.dispute.created', 1789380001) },
	{ type: 'unknown type', before: [], event: told('must-ignore/unknown-event-type', 1789034400) },
	{ type: 'invoice.paid', before: [...subscribed, rolled], event: month('06-invoice.paid'), subscription: true },
	{ type: 'customer.subscription.updated', before: subscribed, event: rolled, subscription: true },
];

// The whole request; the signature is good for five minutes.
export function event_request(path, body) {
	const time = seconds();
	const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
	return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n`
		+ `Stripe-Signature: t=${time},v1=${signature}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
