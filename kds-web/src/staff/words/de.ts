// Words of the staff page in German.

import door from "../../door/words/de";
import type { StaffWords } from "./en";

const de: StaffWords = {
  ...door,
  title: "Wer hier arbeitet",
  staffOf: (slug: string) => `Team von ${slug}`,
  managersOnly: "Diese Seite ist für Manager.",
  language: "Sprache",
  reading: "Liste wird gelesen",
  thisIsYou: "das sind Sie",
  role: "Rolle",
  roleOf: (name: string) => `Rolle von ${name}`,
  roles: {
    kitchen: "Küche",
    waiter: "Service",
    manager: "Manager",
    admin: "Admin",
  },
  newPassword: "Neues Passwort",
  passwordFor: (name: string) => `Neues Passwort für ${name}`,
  loginsEnd: "Alle Anmeldungen enden sofort.",
  replace: "Ersetzen",
  sendAway: "Entfernen",
  sendAwaySure: (name: string) => `${name} entfernen`,
  add: "Jemand Neues",
  name: "Name",
  firstPassword: "Erstes Passwort",
  addThem: "Hinzufügen",
  refusals: {
    already_member: "Arbeitet hier schon.",
    works_elsewhere: "Arbeitet auch anderswo: das Passwort bleibt, wie es ist.",
    invalid: "Bitte Felder prüfen: ein Passwort hat mindestens 8 Zeichen.",
    forbidden: "Ihre Rolle darf das nicht.",
    unknown_member: "Arbeitet hier nicht mehr.",
    no_answer: "Der Server antwortet nicht. Noch einmal versuchen.",
  },
};

export default de;
