// Words of the page that says how to trust this server, in French.

import type { TrustWords } from "./en";

const fr: TrustWords = {
  title: "Faire confiance à ce serveur",
  why: "En HTTPS un écran s'ouvre sans réseau et reste allumé. Son navigateur doit pour cela faire confiance au serveur d'ici : une fois par écran. Les clients n'ont besoin de rien.",
  download: "Télécharger le certificat",
  compare: "Son empreinte. Ce doit être celle que comanda tls a montrée :",
  bounded: "Il ne vaut que pour les noms de ce réseau, jamais pour internet.",
  afterwards: "Ensuite, ouvrir la cuisine ici",
  warns: "Si le navigateur avertit, il ne fait pas encore confiance au certificat.",
  none: "Rien à faire : ce serveur n'a pas de certificat à lui.",
  noAnswer: "Le serveur ne répond pas. Réessayez.",
  language: "Langue",
  steps: {
    apple: [
      "Touchez le bouton ci-dessus et autorisez le téléchargement.",
      "Réglages > Général > VPN et gestion de l'appareil : ouvrez Comanda et installez-le.",
      "Réglages > Général > Informations > Réglages de confiance des certificats : activez Comanda.",
    ],
    android: [
      "Touchez le bouton ci-dessus.",
      "Paramètres > Sécurité > Autres paramètres de sécurité > Chiffrement et identifiants > Installer un certificat > Certificat CA.",
      "Choisissez comanda.crt dans les téléchargements et installez-le quand même.",
    ],
    windows: [
      "Téléchargez et ouvrez comanda.crt, puis Installer le certificat.",
      "Ordinateur local, puis : le placer dans Autorités de certification racines de confiance.",
      "Terminez et relancez le navigateur.",
    ],
    mac: [
      "Téléchargez et ouvrez comanda.crt : il entre dans le trousseau.",
      "Dans Trousseaux d'accès, ouvrez-le : sous Se fier, choisissez Toujours approuver.",
      "Relancez le navigateur.",
    ],
    linux: [
      "Téléchargez comanda.crt.",
      "Chromium : Paramètres > Confidentialité et sécurité > Sécurité > Gérer les certificats > Autorités > Importer. Cochez les sites web.",
      "Firefox : Paramètres > Vie privée et sécurité > Afficher les certificats > Autorités > Importer.",
    ],
  },
};

export default fr;
