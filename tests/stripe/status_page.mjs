// GET /_double/: what is going on, for a person.

import { html, layout } from './html.mjs';
import { formatMoney } from './money.mjs';

const SHOWN = 50;

const time = (seconds) => new Date(seconds * 1000).toISOString().replace('T', ' ').slice(0, 19);

const latest = (double, kind) => double.store.all(kind).slice(-SHOWN).reverse();

function table(title, heads, rows) {
  return html`<section><h2>${title}</h2><div class="scroll"><table><thead><tr>${heads.map((head) => html`<th>${head}</th>`)}</tr></thead>
<tbody>${rows.length === 0 ? html`<tr><td colspan="${heads.length}">–</td></tr>` : rows}</tbody></table></div></section>`;
}

const row = (...cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;

const sessionRow = (session) => row(
  time(session.created),
  session.url ? html`<a href="/c/pay/${session.id}">${session.id.slice(0, 24)}…</a>` : html`${session.id.slice(0, 24)}…`,
  session.client_reference_id, formatMoney(session.amount_total, session.currency), session.status, session.payment_status,
);

const subscriptionRow = (one) => row(
  time(one.created), one.id, Object.values(one.metadata).join(', ').slice(0, 40), one.status,
  formatMoney(one.items.data[0].price.unit_amount, one.currency), time(one.items.data[0].current_period_end), one.cancel_at ? time(one.cancel_at) : '',
);

const invoiceRow = (one) => row(time(one.created), one.id, one.billing_reason, formatMoney(one.total, one.currency), one.status,
  one.hosted_invoice_url ? html`<a href="${one.hosted_invoice_url}">${one.number}</a>` : '', one.next_payment_attempt ? time(one.next_payment_attempt) : '');

const eventRow = (event) => row(time(event.created), event.type, event.id, event.data.object.id.slice(0, 24), event.pending_webhooks);

const deliveryRow = (delivery) => row(
  delivery.type, delivery.url, delivery.copy, html`<b class="state-${delivery.state}">${delivery.state}</b>`,
  delivery.attempts.map(({ status, error }) => status || error).join(', '),
);

export function statusPage(double) {
  const counts = double.webhooks.summary();
  const facts = [
    ['Clock', `${time(double.clock.now())} UTC (offset ${double.clock.offset} s)`],
    ['Outage', double.outage.now.mode],
    ['Delivery', JSON.stringify(double.webhooks.behaviour)],
    ['Endpoints', double.webhooks.endpoints.map(({ url }) => url).join(', ') || 'none'],
    ['Deliveries', Object.entries(counts).map(([state, count]) => `${count} ${state}`).join(', ')],
  ];
  return layout({ language: 'en', title: 'Stripe test double', banner: 'Stripe test double — no real money' }, html`<main class="status">
<h1>Stripe test double</h1>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${table('Sessions', ['Created', 'Session', 'Reference', 'Total', 'Status', 'Payment'], latest(double, 'session').map(sessionRow))}
${table('Subscriptions', ['Created', 'Subscription', 'Metadata', 'Status', 'Price', 'Period ends', 'Cancels'], latest(double, 'subscription').map(subscriptionRow))}
${table('Invoices', ['Created', 'Invoice', 'Reason', 'Total', 'Status', 'Number', 'Next try'], latest(double, 'invoice').map(invoiceRow))}
${table('Events', ['Created', 'Type', 'Id', 'Object', 'Pending'], latest(double, 'event').map(eventRow))}
${table('Deliveries', ['Type', 'To', 'Copy', 'State', 'Answers'], latest(double, 'delivery').map(deliveryRow))}
</main>`);
}
