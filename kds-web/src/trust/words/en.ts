// Words of the page that says how to trust this server, in English; their type is what every other language
// must have. Say what is, then what to do.

/** The systems of the devices that hang on walls. */
export type System = "apple" | "android" | "windows" | "mac" | "linux";

const en = {
  title: "Trust this server",
  why: "Over HTTPS a screen opens without a network and stays awake. For that its browser must trust the server here: once on each screen. Guests need none of this.",
  download: "Download the certificate",
  compare: "Its fingerprint. It must be the one that comanda tls showed:",
  bounded: "It can vouch for names of this network only, never for the internet.",
  afterwards: "Then open the kitchen here",
  warns: "If the browser warns there, it does not trust the certificate yet.",
  none: "Nothing to do here: this server has no certificate of its own.",
  noAnswer: "No answer from the server. Try again.",
  language: "Language",
  steps: {
    apple: [
      "Tap the button above and allow the download.",
      "Settings > General > VPN & Device Management: open Comanda and install it.",
      "Settings > General > About > Certificate Trust Settings: switch Comanda on.",
    ],
    android: [
      "Tap the button above.",
      "Settings > Security > More security settings > Encryption & credentials > Install a certificate > CA certificate.",
      "Choose comanda.crt from the downloads, and install it all the same.",
    ],
    windows: [
      "Download and open comanda.crt, then Install Certificate.",
      "Local Machine, then: place it in Trusted Root Certification Authorities.",
      "Finish, and start the browser anew.",
    ],
    mac: [
      "Download and open comanda.crt: it goes into the keychain.",
      "In Keychain Access open it: under Trust choose Always Trust.",
      "Start the browser anew.",
    ],
    linux: [
      "Download comanda.crt.",
      "Chromium: Settings > Privacy and security > Security > Manage certificates > Authorities > Import. Tick websites.",
      "Firefox: Settings > Privacy & Security > View Certificates > Authorities > Import.",
    ],
  } satisfies Record<System, string[]>,
};

export type TrustWords = typeof en;
export default en;
