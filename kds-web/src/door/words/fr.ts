// Words of the door in French.

import type { DoorWords } from "./en";

const door: DoorWords = {
  signIn: "Se connecter",
  signingIn: "Connexion",
  email: "E-mail",
  password: "Mot de passe",
  wrongLogin: "L'e-mail et le mot de passe ne vont pas ensemble.",
  noAccess: "Cet accès ne vaut pas ici.",
  tooManyTries: "Trop d'essais. Attendez une minute.",
  noAnswer: "Le serveur ne répond pas. Réessayez.",
  loginEnded: "Cet accès a été fermé. Reconnectez-vous.",
  signOut: "Se déconnecter",
};

export default door;
