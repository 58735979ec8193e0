// The hosted page as HTML. It works without JavaScript; it has none.

import { html, layout } from './html.mjs';
import { formatMoney } from './money.mjs';
import { dateText, fill, priceText, textsIn } from './page_text.mjs';
import { needsMethod } from './subscription_checkout.mjs';

export const page = (view, title, content) => layout({ language: view.language, title, banner: textsIn(view.language).banner }, content);

const money = (view, amount) => formatMoney(amount, view.session.currency, view.language);

// view: { session, lines, language, values, errors, declined, promotion, trial }
export function payPage(view) {
  const texts = textsIn(view.language);
  return page(view, texts.title, html`<main class="checkout">
${summary(view, texts)}
${payForm(view, texts)}
</main>`);
}

function summary(view, texts) {
  const { session } = view;
  return html`<section class="summary" aria-labelledby="total">
${session.cancel_url && html`<p><a class="back" href="${session.cancel_url}">← ${texts.back}</a></p>`}
${heading(view, texts)}
<ul class="lines">${view.lines.map((line) => lineItem(view, texts, line))}</ul>
${sumRows(view, texts)}
${session.allow_promotion_codes && promotionForm(view, texts)}
</section>`;
}

function heading(view, texts) {
  const { session } = view;
  const recurring = view.lines.find(({ price }) => price.recurring);
  if (!recurring) return html`<h1 id="total"><span>${texts.total}</span> <strong>${money(view, session.amount_total)}</strong></h1>`;
  const price = priceText(view.language, recurring.price, recurring.quantity);
  const title = fill(texts.subscribeTo, { name: recurring.description });
  if (!view.trial) return html`<h1 id="total"><span>${title}</span> <strong>${price}</strong></h1>${oncePaid(view, texts)}`;
  return html`<h1 id="total"><span>${title}</span> <strong>${trialText(view, texts)}</strong></h1>
<p>${fill(texts.then, { price })}</p>${oncePaid(view, texts)}`;
}

const trialText = ({ trial, language }, texts) => (trial.trial_period_days
  ? fill(texts.daysFree, { n: trial.trial_period_days })
  : fill(texts.freeUntil, { date: dateText(language, trial.trial_end) }));

const oncePaid = (view, texts) => html`<p><span>${texts.total}</span> <b>${money(view, view.session.amount_total)}</b></p>
<p class="note">${texts.renews}</p>`;

const lineItem = (view, texts, line) => html`
<li><span>${line.description}<small>${fill(texts.quantity, { n: line.quantity })}${line.quantity > 1
  && html` · ${fill(texts.each, { amount: money(view, line.price.unit_amount ?? line.amount_subtotal / line.quantity) })}`}</small></span>
<span>${money(view, line.amount_subtotal)}</span></li>`;

function sumRows(view, texts) {
  const { session } = view;
  const { amount_discount: discount, amount_tax: tax } = session.total_details;
  if (session.discounts.length === 0 && tax === 0) return '';
  const within = tax > 0 && session.amount_total === session.amount_subtotal - discount;
  return html`<dl class="sums">
<div><dt>${texts.subtotal}</dt><dd>${money(view, session.amount_subtotal)}</dd></div>
${session.discounts.length > 0 && html`<div><dt>${texts.discount}${view.promotion && html` <b>${view.promotion}</b>`}</dt>
<dd>−${money(view, discount)}</dd></div>`}
${tax > 0 && html`<div><dt>${within ? texts.taxWithin : texts.tax}</dt><dd>${money(view, tax)}</dd></div>`}
</dl>`;
}

const action = (session) => `/c/pay/${session.id}`;

function promotionForm(view, texts) {
  if (view.promotion) {
    return html`<form method="post" action="${action(view.session)}" class="code">
<button class="quiet" name="action" value="remove">${texts.remove} ${view.promotion}</button></form>`;
  }
  return html`<form method="post" action="${action(view.session)}" class="code">
${field({ view, name: 'promotion_code', label: texts.code, more: html`autocomplete="off" autocapitalize="characters"` })}
<button class="quiet" name="action" value="apply">${texts.apply}</button></form>`;
}

function payForm(view, texts) {
  const { session, declined } = view;
  const free = !needsMethod(session);
  const subscribes = session.mode === 'subscription';
  return html`<form class="pay" method="post" action="${action(session)}" novalidate>
${declined && html`<p class="alert" role="alert">${declined}</p>`}
<h2>${texts.contact}</h2>
${contact(view, texts)}
${free ? html`<p class="note">${view.trial ? texts.trialNoCard : texts.free}</p>` : methods(view, texts)}
${!free && view.trial && html`<p class="note">${texts.trialCard}</p>`}
${field({ view, name: 'name', label: free ? texts.name : texts.cardName, more: html`autocomplete="name"` })}
<button name="action" value="pay">${subscribes ? subscribeLabel(view, texts)
    : free ? texts.payFree : fill(texts.pay, { amount: money(view, session.amount_total) })}</button>
${!free && help(view, texts)}
</form>`;
}

const subscribeLabel = (view, texts) => (view.trial ? texts.startTrial : texts.subscribe);

function contact(view, texts) {
  const known = view.session.customer_details?.email;
  if (known) return html`<p class="known"><span>${texts.email}</span> <b>${known}</b></p>`;
  return field({ view, name: 'email', label: texts.email, more: html`type="email" autocomplete="email" inputmode="email"` });
}

export function field({ view, name, label, more, value = view.values[name] ?? '' }) {
  const error = view.errors[name];
  return html`<p class="field"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${value}" ${more}${error
  && html` aria-invalid="true" aria-describedby="${name}-error"`}>
${error && html`<span class="error" id="${name}-error">${error}</span>`}</p>`;
}

function methods(view, texts) {
  const types = view.session.payment_method_types;
  const both = types.includes('card') && types.includes('sepa_debit');
  const chosen = both ? view.values.method ?? 'card' : types.includes('card') ? 'card' : 'sepa_debit';
  return html`<fieldset class="methods"><legend>${texts.method}</legend>
${both ? html`<div class="choice">${choice('card', texts.card, chosen)}${choice('sepa_debit', texts.sepa, chosen)}</div>`
    : html`<input type="hidden" name="method" value="${chosen}">`}
${types.includes('card') && cardFields(view, texts)}
${types.includes('sepa_debit') && debitFields(view, texts)}
</fieldset>`;
}

const choice = (value, label, chosen) => html`
<label><input type="radio" name="method" value="${value}"${value === chosen && html` checked`}> ${label}</label>`;

// Numbers are never put back into the page.
export const numberField = (view, name, label, more) =>
  field({ view, name, label, value: '', more: html`inputmode="numeric" ${more}` });

export const cardFields = (view, texts) => html`<div class="of-card">
${numberField(view, 'card_number', texts.cardNumber, html`autocomplete="cc-number" placeholder="4242 4242 4242 4242"`)}
<div class="pair">
${numberField(view, 'card_expiry', texts.expiry, html`autocomplete="cc-exp" placeholder="12/34"`)}
${numberField(view, 'card_cvc', texts.cvc, html`autocomplete="cc-csc" placeholder="123"`)}
</div></div>`;

const debitFields = (view, texts) => html`<div class="of-sepa_debit">
${field({ view, name: 'iban', label: texts.iban, more: html`autocomplete="off" placeholder="AT61 1904 3002 3457 3201"` })}
<p class="note">${texts.mandate}</p></div>`;

const HELP = [
  ['card', '4242 4242 4242 4242', 'helpPay'],
  ['card', '4000 0000 0000 0002', 'helpDecline'],
  ['card', '4000 0000 0000 9995', 'helpFunds'],
  ['card', '4000 0000 0000 3220', 'help3ds'],
  ['card', '4000 0000 0000 0341', 'helpLater', 'subscription'],
  ['sepa_debit', 'AT61 1904 3002 3457 3201', 'helpIbanOk'],
  ['sepa_debit', 'AT86 1904 3002 3547 3202', 'helpIbanNo'],
];

const help = (view, texts) => html`<details class="help"><summary>${texts.helpTitle}</summary>
<p>${texts.helpCards}</p><ul>${HELP
  .filter(([type, , , mode = view.session.mode]) => view.session.payment_method_types.includes(type) && view.session.mode === mode)
  .map(([, number, what]) => html`<li><code>${number}</code> ${texts[what]}</li>`)}</ul></details>`;

export function challengePage(view) {
  const texts = textsIn(view.language);
  return page(view, texts.secureTitle, html`<main class="card"><h1>${texts.secureTitle}</h1>
<p>${view.session.amount_total === 0 ? texts.saveOnly : fill(texts.secure, { amount: money(view, view.session.amount_total) })}</p>
<form method="post" action="${action(view.session)}/3ds" class="buttons">
<button name="result" value="complete">${texts.complete}</button>
<button class="quiet" name="result" value="fail">${texts.fail}</button>
</form></main>`);
}

// what: expired | paid | processing | missing
export function messagePage(view, what) {
  const texts = textsIn(view.language);
  const back = what === 'paid' || what === 'processing' ? null : view.session?.cancel_url;
  return page(view, texts[`${what}Title`], html`<main class="card"><h1>${texts[`${what}Title`]}</h1>
<p>${texts[what]}</p>${back && html`<p><a class="back" href="${back}">← ${texts.back}</a></p>`}</main>`);
}

export function receiptPage(language, charge) {
  const texts = textsIn(language);
  return page({ language }, texts.receipt, html`<main class="card"><h1>${texts.receipt}</h1>
<p><strong>${formatMoney(charge.amount, charge.currency, language)}</strong></p><p><code>${charge.id}</code></p></main>`);
}
