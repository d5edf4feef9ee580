// Words of the door in German.

import type { DoorWords } from "./en";

const door: DoorWords = {
  signIn: "Anmelden",
  signingIn: "Melde an",
  email: "E-Mail",
  password: "Passwort",
  wrongLogin: "E-Mail und Passwort passen nicht zusammen.",
  noAccess: "Dieser Zugang gilt hier nicht.",
  tooManyTries: "Zu viele Versuche. Eine Minute warten.",
  noAnswer: "Keine Antwort vom Server. Noch einmal versuchen.",
  loginEnded: "Dieser Zugang wurde beendet. Neu anmelden.",
  signOut: "Abmelden",
};

export default door;
