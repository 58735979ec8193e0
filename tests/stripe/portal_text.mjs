// The words of the portal and of the hosted invoice.

const TEXTS = {
  en: {
    title: 'Your subscriptions', back: 'Back to the shop', none: 'You have no subscription.', cancel: 'Cancel subscription',
    renew: 'Don\'t cancel', next: 'Next payment: {amount} on {date}', trial: 'Trial until {date}, then {amount}', ends: 'Ends on {date}',
    ended: 'Ended on {date}', collectionPaused: 'Payments are paused.', cancelTitle: 'Cancel {name}?',
    cancelText: 'Your subscription stays until {date}.', updateTitle: 'Confirm the change', update: 'Confirm', dueNow: 'To pay now: {amount}',
    dueLater: 'It is settled with the next payment.', method: 'Payment method', noMethod: 'No payment method.', saveCard: 'Use this card',
    invoices: 'Invoices', invoice: 'Invoice', pay: 'Pay', expired: 'This link has expired. Open the page again from the shop.',
    missing: 'There is no such page here.',
    statuses: {
      active: 'active', canceled: 'canceled', incomplete: 'incomplete', incomplete_expired: 'expired', past_due: 'payment overdue',
      paused: 'paused', trialing: 'trial', unpaid: 'unpaid',
    },
    invoiceStatuses: { draft: 'draft', open: 'open', paid: 'paid', uncollectible: 'uncollectible', void: 'void' },
  },
  fr: {
    title: 'Vos abonnements', back: 'Retour à la boutique', none: 'Vous n’avez pas d’abonnement.', cancel: 'Résilier l’abonnement',
    renew: 'Ne pas résilier', next: 'Prochain paiement : {amount} le {date}', trial: 'Essai jusqu’au {date}, puis {amount}',
    ends: 'Prend fin le {date}',
    ended: 'A pris fin le {date}', collectionPaused: 'Les paiements sont suspendus.', cancelTitle: 'Résilier {name} ?',
    cancelText: 'Votre abonnement reste actif jusqu’au {date}.', updateTitle: 'Confirmer le changement', update: 'Confirmer',
    dueNow: 'À payer maintenant : {amount}', dueLater: 'Le solde vient avec le prochain paiement.', method: 'Moyen de paiement',
    noMethod: 'Aucun moyen de paiement.', saveCard: 'Utiliser cette carte', invoices: 'Factures', invoice: 'Facture', pay: 'Payer',
    expired: 'Ce lien a expiré. Rouvrez la page depuis la boutique.', missing: 'Cette page n’existe pas ici.',
    statuses: {
      active: 'actif', canceled: 'résilié', incomplete: 'incomplet', incomplete_expired: 'expiré', past_due: 'paiement en retard',
      paused: 'suspendu', trialing: 'essai', unpaid: 'impayé',
    },
    invoiceStatuses: { draft: 'brouillon', open: 'à payer', paid: 'payée', uncollectible: 'irrécouvrable', void: 'annulée' },
  },
};

export const portalTextsIn = (language) => TEXTS[language];
