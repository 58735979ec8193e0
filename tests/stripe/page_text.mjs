// The words of the hosted page.

import { formatMoney } from './money.mjs';

const TEXTS = {
  en: {
    banner: 'Stripe test double — no real money', pay: 'Pay {amount}', payFree: 'Complete order', back: 'Back to the shop',
    total: 'Total due', subtotal: 'Subtotal', discount: 'Discount', tax: 'Tax', taxWithin: 'Tax included', quantity: 'Qty {n}', each: '{amount} each',
    email: 'E-mail', name: 'Name', cardName: 'Name on card or account', method: 'Payment method', card: 'Card', sepa: 'SEPA debit',
    cardNumber: 'Card number', expiry: 'Expiry (MM/YY)', cvc: 'CVC', iban: 'IBAN', code: 'Promotion code', apply: 'Apply',
    remove: 'Remove', title: 'Checkout', contact: 'Contact', free: 'Nothing to pay: the promotion code covers everything.',
    mandate: 'The debit is confirmed days later (in the double: when its clock moves on one day).',
    helpTitle: 'Test numbers', helpCards: 'Any future date, any CVC.',
    helpPay: 'pays', helpDecline: 'is declined', helpFunds: 'insufficient funds', help3ds: 'asks for 3-D Secure',
    helpIbanOk: 'is debited later', helpIbanNo: 'bounces later',
    expiredTitle: 'This checkout has expired', expired: 'Nothing was charged. Go back to the shop to start again.',
    paidTitle: 'Already paid', paid: 'This order is complete; you need not pay again.',
    processingTitle: 'Payment under way', processing: 'The bank debit was accepted and will be confirmed later.',
    missingTitle: 'Unknown checkout', missing: 'There is no such checkout session here.',
    secureTitle: '3-D Secure', secure: 'Your bank asks you to confirm this payment of {amount}.', complete: 'Complete', fail: 'Fail',
    receipt: 'Receipt', badCode: 'This code is invalid.',
    subscribeTo: 'Subscribe to {name}', subscribe: 'Subscribe', startTrial: 'Start trial', daysFree: '{n} days free',
    then: 'Then {price}', freeUntil: 'Free until {date}', trialNoCard: 'Nothing to pay and no card needed: the trial is free.',
    trialCard: 'Nothing is taken today. Your card is charged when the trial ends, unless you cancel before.',
    renews: 'Renews by itself until you cancel.', saveOnly: 'Your bank asks you to confirm this card.', helpLater: 'saved, but declines later',
    each_interval: {
      day: ['{amount} per day', '{amount} every {n} days'], week: ['{amount} per week', '{amount} every {n} weeks'],
      month: ['{amount} per month', '{amount} every {n} months'], year: ['{amount} per year', '{amount} every {n} years'],
    },
    bad: {
      email: 'Give an e-mail address.', name: 'Give a name.', card_number: 'Your card number is incorrect.',
      unknown_card: 'Only Stripe\'s test card numbers work here.', card_expiry: 'Give a date in the future, as MM/YY.',
      card_cvc: 'Give three or four digits.', iban: 'Only Stripe\'s test IBANs work here.',
    },
    declined: {
      card_declined: 'Your card was declined.', insufficient_funds: 'Your card has insufficient funds. Try another card.',
      expired_card: 'Your card has expired.', incorrect_cvc: 'Your card\'s security code is incorrect.',
      processing_error: 'An error occurred while processing your card. Try again in a little bit.',
      payment_intent_authentication_failure: 'We could not confirm that it is you. Choose another payment method and try again.',
    },
  },
  fr: {
    banner: 'Doublure de test de Stripe — pas d’argent réel', pay: 'Payer {amount}', payFree: 'Valider la commande', back: 'Retour à la boutique',
    total: 'Total à payer', subtotal: 'Sous-total', discount: 'Remise', tax: 'TVA', taxWithin: 'TVA comprise', quantity: 'Qté {n}', each: '{amount} l’unité',
    email: 'E-mail', name: 'Nom', cardName: 'Nom du titulaire', method: 'Moyen de paiement', card: 'Carte', sepa: 'Prélèvement SEPA',
    cardNumber: 'Numéro de carte', expiry: 'Expiration (MM/AA)', cvc: 'CVC', iban: 'IBAN', code: 'Code promo', apply: 'Appliquer',
    remove: 'Retirer', title: 'Paiement', contact: 'Coordonnées', free: 'Rien à payer : le code promo couvre tout.',
    mandate: 'Le prélèvement est confirmé quelques jours plus tard (ici : quand l’horloge avance d’un jour).',
    helpTitle: 'Numéros de test', helpCards: 'Toute date future, tout CVC.',
    helpPay: 'paie', helpDecline: 'est refusée', helpFunds: 'provision insuffisante', help3ds: 'demande 3-D Secure',
    helpIbanOk: 'est prélevé plus tard', helpIbanNo: 'est rejeté plus tard',
    expiredTitle: 'Ce paiement a expiré', expired: 'Rien n’a été débité. Retournez à la boutique pour recommencer.',
    paidTitle: 'Déjà payé', paid: 'Cette commande est terminée ; inutile de payer à nouveau.',
    processingTitle: 'Paiement en cours', processing: 'Le prélèvement est accepté et sera confirmé plus tard.',
    missingTitle: 'Paiement inconnu', missing: 'Cette session de paiement n’existe pas ici.',
    secureTitle: '3-D Secure', secure: 'Votre banque vous demande de confirmer ce paiement de {amount}.', complete: 'Confirmer', fail: 'Échouer',
    receipt: 'Reçu', badCode: 'Ce code n’est pas valable.',
    subscribeTo: 'S’abonner à {name}', subscribe: 'S’abonner', startTrial: 'Commencer l’essai', daysFree: '{n} jours gratuits',
    then: 'Puis {price}', freeUntil: 'Gratuit jusqu’au {date}', trialNoCard: 'Rien à payer et aucune carte demandée : l’essai est gratuit.',
    trialCard: 'Rien n’est prélevé aujourd’hui. Votre carte est débitée à la fin de l’essai, sauf résiliation avant.',
    renews: 'Se renouvelle automatiquement jusqu’à résiliation.', saveOnly: 'Votre banque vous demande de confirmer cette carte.',
    helpLater: 'enregistrée, mais refusée plus tard',
    each_interval: {
      day: ['{amount} par jour', '{amount} tous les {n} jours'], week: ['{amount} par semaine', '{amount} toutes les {n} semaines'],
      month: ['{amount} par mois', '{amount} tous les {n} mois'], year: ['{amount} par an', '{amount} tous les {n} ans'],
    },
    bad: {
      email: 'Indiquez une adresse e-mail.', name: 'Indiquez un nom.', card_number: 'Le numéro de carte est incorrect.',
      unknown_card: 'Seuls les numéros de test de Stripe fonctionnent ici.', card_expiry: 'Indiquez une date future, sous la forme MM/AA.',
      card_cvc: 'Indiquez trois ou quatre chiffres.', iban: 'Seuls les IBAN de test de Stripe fonctionnent ici.',
    },
    declined: {
      card_declined: 'Votre carte a été refusée.', insufficient_funds: 'Provision insuffisante. Essayez une autre carte.',
      expired_card: 'Votre carte a expiré.', incorrect_cvc: 'Le code de sécurité de la carte est incorrect.',
      processing_error: 'Une erreur est survenue lors du traitement de la carte. Réessayez dans un instant.',
      payment_intent_authentication_failure: 'Nous n’avons pas pu vous authentifier. Choisissez un autre moyen de paiement.',
    },
  },
};

// The session's locale, or with auto and none the browser's first known language.
export function languageOf(session, accept = '') {
  const wanted = session?.locale && session.locale !== 'auto' ? [session.locale] : accept.split(',').map((part) => part.split(';')[0].trim());
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => TEXTS[tag]) ?? 'en';
}

export const textsIn = (language) => TEXTS[language];

// "€9.90 per month"
export function priceText(language, { unit_amount_decimal: decimal, currency, recurring }, quantity = 1) {
  const amount = formatMoney(Number(decimal) * quantity, currency, language);
  const { interval, interval_count: n } = recurring;
  return fill(TEXTS[language].each_interval[interval][n === 1 ? 0 : 1], { amount, n });
}

export const dateText = (language, time) =>
  new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'long', timeZone: 'UTC' }).format(time * 1000);

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export const declineText = (texts, { code, declineCode }) =>
  texts.declined[declineCode] ?? texts.declined[code] ?? texts.declined.card_declined;
