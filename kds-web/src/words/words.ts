// The kitchen's words, one file per language, loaded when chosen.

import type { Words } from "./en";
import type { Dictionary } from "./language";

export const words: Dictionary<Words> = {
  en: () => import("./en"),
  es: () => import("./es"),
  fr: () => import("./fr"),
  de: () => import("./de"),
  ar: () => import("./ar"),
  zh: () => import("./zh"),
};

export type { Words };
