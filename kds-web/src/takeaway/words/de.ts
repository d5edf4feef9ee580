// Die Wörter der Mitnehmseite auf Deutsch. Der Typ, und wozu jedes Wort da ist, steht in en.ts.

import type { Away } from "./en";

const de: Away = {
  title: "Zum Mitnehmen",
  soon: (time) => `fertig ab etwa ${time}`,

  standing: {
    offTitle: "Hier gibt es nichts zum Mitnehmen",
    off: "Dieses Restaurant nimmt auf dieser Seite keine Bestellungen zum Mitnehmen an. Rufen Sie dort an.",
    paused: (when) => `Gerade nichts zum Mitnehmen. Wieder ab ${when}.`,
    closed: (when) => `Jetzt geschlossen. Öffnet ${when}.`,
    closedLong: "In den nächsten Tagen geschlossen.",
    full: "Im Moment sind alle Zeiten vergeben. Schauen Sie später wieder nach.",
    forLater: "Sie können für später bestellen.",
    nowhereTitle: "So ein Restaurant gibt es hier nicht",
    nowhere: "Prüfen Sie den Link.",
  },

  pickup: {
    title: "Wann holen Sie es ab?",
    label: "Abholung",
    asap: "So bald wie möglich",
    about: (time) => `etwa ${time}`,
    taken: "vergeben",
    choose: "Zeit wählen",
    change: "Ändern",
    gone: "Diese Zeit ist inzwischen vergeben. Wählen Sie eine andere.",
    take: (when) => `Abholen ${when}`,
    day: "Tag",
    times: "Uhrzeit",
    reading: "Zeiten werden gesucht",
  },

  phone: {
    title: "Ihre Handynummer",
    why: "Wir senden einen Code an sie, damit wir Sie sicher erreichen, wenn Ihr Essen fertig ist.",
    verify: "Nummer angeben",
    consent:
      "Sie stimmen diesem Code und Nachrichten zu Ihrer Bestellung zu, nur an diese Nummer. Mit STOP beenden Sie sie. Sie dient sonst zu nichts.",
    send: "Code senden",
    sending: "Wird gesendet",
    codeTitle: "Code eingeben",
    code: "Die sechs Ziffern aus der Nachricht",
    sentTo: (phone) => `Gesendet an ${phone}. Fünf Minuten gültig.`,
    confirm: "Bestätigen",
    checking: "Wird geprüft",
    wrong: "Das ist nicht der Code. Sehen Sie noch einmal nach.",
    ended: "Die Zeit oder die Versuche dieses Codes sind um. Fordern Sie einen neuen an.",
    noAnswer: "Keine Antwort. Versuchen Sie es noch einmal.",
    again: "Neuen Code senden",
    againIn: (left) => `Neuer Code in ${left}`,
    other: "Andere Nummer",
    limit: (left) => `Zu viele Codes wurden angefordert. Wieder in ${left}.`,
    connection: "Keine Verbindung. Versuchen Sie es noch einmal.",
    will: (phone) => `Wir schreiben Ihnen an ${phone}.`,
    forget: "Diese Nummer auf diesem Handy vergessen",
    forgetMore: "Ihre Bestellungen werden hier nicht mehr gezeigt. Das Restaurant hat sie weiterhin.",
    forgetFailed: "Keine Verbindung. Sie ist noch nicht vergessen.",
    known: "Diese Nummer ist bestätigt",
  },

  order: {
    yourNumber: "Ihre Abholnummer",
    pickItUp: "Abholen",
    begins: (when) => `Die Küche beginnt ${when}. Sie müssen nichts weiter tun.`,
    ready: "Fertig. Holen Sie es ab.",
    readyMore: "Nennen Sie Ihre Nummer an der Theke.",
    agreed: (when) => `Vereinbart für ${when}`,
    another: "Noch etwas bestellen",
    list: "Ihre Bestellungen",
    none: "Noch keine Bestellungen auf diesem Handy.",
    waitingAside:
      "Noch keine Antwort vom Restaurant. Sie kann nur einmal ankommen, so oft dieses Handy es auch versucht.",
  },

  instead: {
    cart: {
      send: "Bestellen",
      reaching: "Sie kann gesendet werden, sobald dieses Handy das Restaurant erreicht.",
    },
    order: {
      cancelLate: "Etwas zu ändern? Rufen Sie das Restaurant an.",
      served: (time) => `Abgeholt um ${time}`,
      steps: { received: "Angenommen", cooking: "In Arbeit", coming: "Fertig", served: "Abgeholt" },
      line: {
        waiting: "Wartet",
        next: "Als Nächstes",
        making: "In Arbeit",
        coming: "Fertig",
        served: "Abgeholt",
        void: "Entfällt",
      },
    },
    bill: {
      state: {
        held: "Wartet",
        pending: "Geplant",
        confirmed: "Angenommen",
        preparing: "In Arbeit",
        ready: "Fertig",
        completed: "Abgeholt",
        cancelled: "Storniert",
      },
    },
    notice: {
      tooLate: "Zu spät zum Zurücknehmen: Die Küche hat begonnen. Rufen Sie das Restaurant an.",
      closed:
        "Ihre Nummer wurde neu bestätigt, bevor die Bestellung hinausging. Sie liegt wieder im Warenkorb.",
      unsure:
        "Ihre Nummer wurde neu bestätigt, während eine Bestellung hinausging. Rufen Sie das Restaurant an, bevor Sie sie wieder senden.",
    },
  },
};

export default de;
