// Les mots de la page à emporter en français. Le type, et le pourquoi de chaque mot, est dans en.ts.

import type { Away } from "./en";

const fr: Away = {
  title: "À emporter",
  soon: (time) => `prêt à partir de ${time} environ`,

  standing: {
    offTitle: "Pas de vente à emporter ici",
    off: "Ce restaurant ne prend pas de commandes à emporter sur cette page. Appelez-le.",
    paused: (when) => `Pas de vente à emporter en ce moment. De nouveau dès ${when}.`,
    closed: (when) => `Fermé pour l’instant. Ouvre ${when}.`,
    closedLong: "Fermé les prochains jours.",
    full: "Toutes les heures sont prises pour l’instant. Regardez de nouveau plus tard.",
    forLater: "Vous pouvez commander pour plus tard.",
    nowhereTitle: "Il n’y a pas de tel restaurant ici",
    nowhere: "Vérifiez le lien.",
  },

  pickup: {
    title: "Quand venez-vous ?",
    label: "Retrait",
    asap: "Dès que possible",
    about: (time) => `vers ${time}`,
    taken: "prise",
    choose: "Choisir une heure",
    change: "Changer",
    gone: "Cette heure est prise entre-temps. Choisissez-en une autre.",
    take: (when) => `Retirer ${when}`,
    day: "Jour",
    times: "Heure",
    reading: "Recherche des heures",
  },

  phone: {
    title: "Votre numéro de mobile",
    why: "Nous y envoyons un code, pour être sûrs de vous joindre quand votre repas est prêt.",
    verify: "Ajouter votre numéro",
    consent:
      "Vous acceptez ce code et des messages sur votre commande, à ce numéro seulement. Envoyez STOP pour les arrêter. Il ne sert à rien d’autre.",
    send: "Envoyez-moi un code",
    sending: "Envoi en cours",
    codeTitle: "Entrez le code",
    code: "Les six chiffres du message",
    sentTo: (phone) => `Envoyé au ${phone}. Valable cinq minutes.`,
    confirm: "Confirmer",
    checking: "Vérification",
    wrong: "Ce n’est pas le code. Regardez encore.",
    ended: "Ce code a épuisé son temps ou ses essais. Demandez-en un autre.",
    noAnswer: "Pas de réponse. Essayez encore.",
    again: "Envoyer un autre code",
    againIn: (left) => `Un autre code dans ${left}`,
    other: "Un autre numéro",
    limit: (left) => `Trop de codes ont été demandés. De nouveau dans ${left}.`,
    connection: "Pas de connexion. Essayez encore.",
    will: (phone) => `Nous vous écrivons au ${phone}.`,
    forget: "Oublier ce numéro sur ce téléphone",
    forgetMore: "Les commandes passées avec lui ne sont plus affichées ici. Le restaurant les a toujours.",
    forgetFailed: "Pas de connexion. Il n’est pas encore oublié.",
    known: "Ce numéro est vérifié",
  },

  order: {
    yourNumber: "Votre numéro de retrait",
    pickItUp: "À retirer",
    begins: (when) => `La cuisine commence ${when}. Vous n’avez plus rien à faire.`,
    ready: "C’est prêt. Venez le chercher.",
    readyMore: "Dites votre numéro au comptoir.",
    agreed: (when) => `Convenu pour ${when}`,
    another: "Commander autre chose",
    list: "Vos commandes",
    none: "Pas encore de commande sur ce téléphone.",
    waitingAside:
      "Pas encore de réponse du restaurant. Elle ne peut arriver qu’une fois, même si ce téléphone essaie souvent.",
  },

  instead: {
    cart: {
      send: "Commander",
      reaching: "Elle pourra partir dès que ce téléphone aura joint le restaurant.",
    },
    order: {
      cancelLate: "Quelque chose à changer ? Appelez le restaurant.",
      served: (time) => `Retirée à ${time}`,
      steps: { received: "Reçue", cooking: "En cuisine", coming: "Prête", served: "Retirée" },
      line: {
        waiting: "En attente",
        next: "À suivre",
        making: "En préparation",
        coming: "Prêt",
        served: "Retiré",
        void: "Ne vient pas",
      },
    },
    bill: {
      state: {
        held: "En attente",
        pending: "Prévue",
        confirmed: "Reçue",
        preparing: "En cuisine",
        ready: "Prête",
        completed: "Retirée",
        cancelled: "Annulée",
      },
    },
    notice: {
      tooLate: "Trop tard pour la reprendre : la cuisine a commencé. Appelez le restaurant.",
      closed:
        "Votre numéro a été vérifié de nouveau avant l’envoi. La commande est de nouveau dans votre panier.",
      unsure:
        "Votre numéro a été vérifié de nouveau pendant l’envoi d’une commande. Appelez le restaurant avant de la renvoyer.",
    },
  },
};

export default fr;
