// The portal and the hosted invoice as HTML.

import { cardFields } from './checkout_page.mjs';
import { html, layout } from './html.mjs';
import { formatMoney } from './money.mjs';
import { dateText, fill, priceText, textsIn } from './page_text.mjs';
import { portalTextsIn } from './portal_text.mjs';

const page = (language, title, content) => layout({ language, title, banner: textsIn(language).banner }, content);

const address = (view) => `/p/session/${view.token}`;

// view: { session, language, customer, features, subscriptions, invoices, method, update, flow, token, values, errors, declined }
export function portalView(view) {
  const words = portalTextsIn(view.language);
  const back = view.session.return_url;
  return page(view.language, words.title, html`<main class="portal">
${back && html`<p><a class="back" href="${back}">← ${words.back}</a></p>`}
<h1>${words.title}</h1>
${view.declined && html`<p class="alert" role="alert">${view.declined}</p>`}
${(FLOWS[view.flow?.type] ?? home)(view, words)}
</main>`);
}

const home = (view, words) => html`${view.subscriptions.length === 0 ? html`<p>${words.none}</p>`
  : view.subscriptions.map((one) => subscription(view, words, one))}
${method(view, words)}
${view.features.invoice_history.enabled && invoices(view, words)}`;

const FLOWS = {
  payment_method_update: (view, words) => method(view, words),
  subscription_cancel: (view, words) =>
    view.subscriptions.filter(({ id }) => id === view.flow.subscription_cancel.subscription).map((one) => confirmCancel(view, words, one)),
  subscription_update_confirm: (view, words) => confirmUpdate(view, words),
};

const priceOf = (view, { items }) => items.data.map(({ price, quantity }) => priceText(view.language, price, quantity)).join(' + ');

function subscription(view, words, one) {
  const over = ['canceled', 'incomplete_expired'].includes(one.status);
  return html`<section class="card" aria-label="${one.products.join(', ')}">
<h2>${one.products.join(', ')}</h2>
<p><strong>${priceOf(view, one)}</strong> <span class="status-word">${words.statuses[one.status]}</span></p>
<p class="note">${nextText(view, words, one)}</p>
${!over && (one.cancel_at ? button(view, words.renew, 'renew', one) : cancelButton(view, words, one))}
</section>`;
}

const cancelButton = (view, words, one) => view.features.subscription_cancel.enabled && button(view, words.cancel, 'cancel', one, 'quiet');

function nextText(view, words, one) {
  const date = (time) => dateText(view.language, time);
  if (one.ended_at) return fill(words.ended, { date: date(one.ended_at) });
  if (one.cancel_at) return fill(words.ends, { date: date(one.cancel_at) });
  if (one.pause_collection) return words.collectionPaused;
  if (one.status === 'paused' || !one.upcoming) return '';
  const amount = formatMoney(one.upcoming.amount_due, one.currency, view.language);
  return fill(one.status === 'trialing' ? words.trial : words.next, { amount, date: date(one.items.data[0].current_period_end) });
}

const button = (view, label, action, { id }, look = '') => html`<form method="post" action="${address(view)}">
<input type="hidden" name="subscription" value="${id}">
<button class="${look}" name="action" value="${action}">${label}</button></form>`;

function confirmCancel(view, words, one) {
  if (one.cancel_at || one.ended_at) return subscription(view, words, one);
  const end = view.features.subscription_cancel.mode === 'immediately' ? view.now : one.items.data[0].current_period_end;
  return html`<section class="card"><h2>${fill(words.cancelTitle, { name: one.products.join(', ') })}</h2>
<p>${fill(words.cancelText, { date: dateText(view.language, end) })}</p>${button(view, words.cancel, 'cancel', one)}</section>`;
}

function confirmUpdate(view, words) {
  const { price, amount, now, subscription: one } = view.update;
  const shown = formatMoney(Math.max(0, amount), one.currency, view.language);
  return html`<section class="card"><h2>${words.updateTitle}</h2>
<p><strong>${priceText(view.language, price)}</strong></p>
<p>${now ? fill(words.dueNow, { amount: shown }) : words.dueLater}</p>${button(view, words.update, 'update', one)}</section>`;
}

function method(view, words) {
  if (!view.features.payment_method_update.enabled) return '';
  const { card } = view.method ?? {};
  const texts = textsIn(view.language);
  return html`<section class="card"><h2>${words.method}</h2>
<p>${card ? html`${card.brand} •••• ${card.last4}` : words.noMethod}</p>
<form method="post" action="${address(view)}" novalidate>${cardFields(view, texts)}
<p><button name="action" value="card">${words.saveCard}</button></p></form>
<details class="help"><summary>${texts.helpTitle}</summary><ul>
<li><code>4242 4242 4242 4242</code> ${texts.helpPay}</li><li><code>4000 0000 0000 0341</code> ${texts.helpLater}</li>
<li><code>4000 0000 0000 0002</code> ${texts.helpDecline}</li><li><code>4000 0027 6000 3184</code> ${texts.help3ds}</li></ul></details></section>`;
}

const invoices = (view, words) => html`<section class="card"><h2>${words.invoices}</h2>
${view.invoices.length === 0 ? html`<p>–</p>` : html`<ul class="lines">${view.invoices.map((one) => html`
<li><span><a href="${one.hosted_invoice_url}">${dateText(view.language, one.created)}</a><small>${one.number}</small></span>
<span>${formatMoney(one.total, one.currency, view.language)}<small>${words.invoiceStatuses[one.status]}</small></span></li>`)}</ul>`}</section>`;

export function portalMessage(language, session) {
  const words = portalTextsIn(language);
  return page(language, words.title, html`<main class="card"><h1>${words.title}</h1><p>${session ? words.expired : words.missing}</p>
${session?.return_url && html`<p><a class="back" href="${session.return_url}">← ${words.back}</a></p>`}</main>`);
}

// view: { invoice, language, action, declined, errors, values, method }
export function invoicePage(view) {
  const { invoice, language } = view;
  const words = portalTextsIn(language);
  const money = (amount) => formatMoney(amount, invoice.currency, language);
  return page(language, words.invoice, html`<main class="portal"><section class="card"><h1>${words.invoice} ${invoice.number}</h1>
${view.declined && html`<p class="alert" role="alert">${view.declined}</p>`}
<p><strong>${money(invoice.amount_due)}</strong> <span class="status-word">${words.invoiceStatuses[invoice.status]}</span></p>
<ul class="lines">${invoice.lines.data.map((line) => html`<li><span>${line.description}</span><span>${money(line.amount)}</span></li>`)}</ul>
${['open', 'uncollectible'].includes(invoice.status) && payInvoice(view, words)}</section></main>`);
}

function payInvoice(view, words) {
  const texts = textsIn(view.language);
  if (view.secure) {
    const amount = formatMoney(view.invoice.amount_due, view.invoice.currency, view.language);
    return html`<form method="post" action="${view.action}" class="buttons"><p>${fill(texts.secure, { amount })}</p>
<button name="result" value="complete">${texts.complete}</button><button class="quiet" name="result" value="fail">${texts.fail}</button></form>`;
  }
  return html`<form method="post" action="${view.action}" novalidate>${cardFields(view, texts)}
<p><button name="action" value="pay">${words.pay}</button></p></form>`;
}

export const invoiceMissing = (language) => page(language, '404', html`<main class="card"><p>${portalTextsIn(language).missing}</p></main>`);
