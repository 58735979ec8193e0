// The words of the hosted page.

const TEXTS = {
  en: {
    banner: 'Stripe test double — no real money', pay: 'Pay {amount}', payFree: 'Complete order', back: 'Back to the shop',
    total: 'Total due', subtotal: 'Subtotal', discount: 'Discount', quantity: 'Qty {n}', each: '{amount} each',
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
    total: 'Total à payer', subtotal: 'Sous-total', discount: 'Remise', quantity: 'Qté {n}', each: '{amount} l’unité',
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

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export const declineText = (texts, { code, declineCode }) =>
  texts.declined[declineCode] ?? texts.declined[code] ?? texts.declined.card_declined;
