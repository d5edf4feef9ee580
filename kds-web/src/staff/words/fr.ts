// Words of the staff page in French.

import door from "../../door/words/fr";
import type { StaffWords } from "./en";

const fr: StaffWords = {
  ...door,
  title: "Qui travaille ici",
  staffOf: (slug: string) => `Personnel de ${slug}`,
  managersOnly: "Cette page est pour les responsables.",
  language: "Langue",
  reading: "Lecture de la liste",
  thisIsYou: "c’est vous",
  role: "Rôle",
  roleOf: (name: string) => `Rôle de ${name}`,
  roles: {
    kitchen: "Cuisine",
    waiter: "Service",
    manager: "Responsable",
    admin: "Administrateur",
  },
  newPassword: "Nouveau mot de passe",
  passwordFor: (name: string) => `Nouveau mot de passe pour ${name}`,
  loginsEnd: "Ses connexions se terminent aussitôt.",
  replace: "Le remplacer",
  sendAway: "Retirer",
  sendAwaySure: (name: string) => `Retirer ${name}`,
  add: "Une nouvelle personne",
  name: "Nom",
  firstPassword: "Son premier mot de passe",
  addThem: "Ajouter",
  refusals: {
    already_member: "Cette personne travaille déjà ici.",
    works_elsewhere: "Elle travaille aussi ailleurs : son mot de passe reste le sien.",
    invalid: "Vérifiez les champs : un mot de passe a 8 caractères ou plus.",
    forbidden: "Votre rôle ne le permet pas.",
    unknown_member: "Elle ne travaille plus ici.",
    no_answer: "Le serveur ne répond pas. Réessayez.",
  },
};

export default fr;
