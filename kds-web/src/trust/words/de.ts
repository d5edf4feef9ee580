// Words of the page that says how to trust this server, in German.

import type { TrustWords } from "./en";

const de: TrustWords = {
  title: "Diesem Server vertrauen",
  why: "Über HTTPS öffnet ein Bildschirm auch ohne Netz und bleibt wach. Dazu muss sein Browser dem Server hier vertrauen: einmal je Bildschirm. Gäste brauchen nichts davon.",
  download: "Zertifikat herunterladen",
  compare: "Sein Fingerabdruck. Es muss der sein, den comanda tls gezeigt hat:",
  bounded: "Es bürgt nur für Namen dieses Netzes, nie für das Internet.",
  afterwards: "Dann die Küche hier öffnen",
  warns: "Warnt der Browser dort, vertraut er dem Zertifikat noch nicht.",
  none: "Nichts zu tun: Dieser Server hat kein eigenes Zertifikat.",
  noAnswer: "Keine Antwort vom Server. Noch einmal versuchen.",
  language: "Sprache",
  steps: {
    apple: [
      "Oben tippen und das Laden erlauben.",
      "Einstellungen > Allgemein > VPN und Geräteverwaltung: Comanda öffnen und installieren.",
      "Einstellungen > Allgemein > Info > Zertifikatsvertrauenseinstellungen: Comanda einschalten.",
    ],
    android: [
      "Oben tippen.",
      "Einstellungen > Sicherheit > Weitere Sicherheitseinstellungen > Verschlüsselung & Anmeldedaten > Zertifikat installieren > CA-Zertifikat.",
      "comanda.crt aus den Downloads wählen und trotzdem installieren.",
    ],
    windows: [
      "comanda.crt laden und öffnen, dann Zertifikat installieren.",
      "Lokaler Computer, dann: in Vertrauenswürdige Stammzertifizierungsstellen speichern.",
      "Fertig stellen und den Browser neu starten.",
    ],
    mac: [
      "comanda.crt laden und öffnen: Es kommt in den Schlüsselbund.",
      "In der Schlüsselbundverwaltung öffnen: unter Vertrauen Immer vertrauen wählen.",
      "Den Browser neu starten.",
    ],
    linux: [
      "comanda.crt laden.",
      "Chromium: Einstellungen > Datenschutz und Sicherheit > Sicherheit > Zertifikate verwalten > Zertifizierungsstellen > Importieren. Websites ankreuzen.",
      "Firefox: Einstellungen > Datenschutz & Sicherheit > Zertifikate anzeigen > Zertifizierungsstellen > Importieren.",
    ],
  },
};

export default de;
