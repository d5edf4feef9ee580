// Small things a browser remembers for this device (chosen station, language, theme). A browser that
// refuses storage remembers nothing and breaks nothing.

type Where = "device" | "visit";

const place = (where: Where): Storage => (where === "device" ? localStorage : sessionStorage);

export function recall(key: string, where: Where = "device"): string | null {
  try {
    return place(where).getItem(`comanda.${key}`);
  } catch {
    return null;
  }
}

/** `null` forgets. */
export function remember(key: string, value: string | null, where: Where = "device"): void {
  try {
    if (value === null) {
      place(where).removeItem(`comanda.${key}`);
    } else {
      place(where).setItem(`comanda.${key}`, value);
    }
  } catch {
    // Full or forbidden: the choice holds until the page is left.
  }
}
