// What a key means: bump bars are programmable keyboards, so any key may be given to any action, on each
// screen by itself. Pure but for the two keys it must remember: the 0 that begins a number above 9, and a
// Ctrl that was pressed alone. Called by the screen; the drawer of keys changes the map.

export const ACTS = [
  "slot_1",
  "slot_2",
  "slot_3",
  "slot_4",
  "slot_5",
  "slot_6",
  "slot_7",
  "slot_8",
  "slot_9",
  "tens",
  "left",
  "right",
  "up",
  "down",
  "line",
  "leave",
  "bump",
  "recall",
  "undo",
  "page_back",
  "page_on",
  "first_page",
  "all_day",
  "bumped",
  "sold_out",
  "rush",
  "hold",
  "fire",
  "more",
  "on_hold",
  "scheduled",
  "pin",
  "kinds",
  "tidy",
  "print",
  "mute",
  "ok",
  "check",
  "help",
] as const;

export type Act = (typeof ACTS)[number];

/** The keys of each action, as the browser names them; letters small. */
export type KeyMap = Readonly<Record<Act, readonly string[]>>;

export const DEFAULT_KEYS: KeyMap = {
  slot_1: ["1"],
  slot_2: ["2"],
  slot_3: ["3"],
  slot_4: ["4"],
  slot_5: ["5"],
  slot_6: ["6"],
  slot_7: ["7"],
  slot_8: ["8"],
  slot_9: ["9"],
  tens: ["0"],
  left: ["ArrowLeft"],
  right: ["ArrowRight"],
  up: ["ArrowUp"],
  down: ["ArrowDown"],
  line: ["Enter"],
  leave: ["Escape"],
  bump: [" ", "Control"],
  recall: ["Backspace", "-"],
  undo: ["z"],
  page_back: ["PageUp"],
  page_on: ["PageDown"],
  first_page: ["Home"],
  all_day: ["a"],
  bumped: ["b"],
  sold_out: ["s"],
  rush: ["r"],
  hold: ["h"],
  fire: ["f"],
  more: ["l"],
  on_hold: ["c"],
  scheduled: ["d"],
  pin: ["k"],
  kinds: ["o"],
  tidy: ["t"],
  print: ["p"],
  mute: ["m"],
  ok: ["g"],
  check: ["i"],
  help: ["?"],
};

export type Action =
  /** Slot by the number painted on it. */
  | { readonly do: "slot"; readonly number: number }
  /** With shift, an arrow carries the ticket along. */
  | { readonly do: "carry"; readonly across: number; readonly down: number }
  | { readonly do: Exclude<Act, `slot_${number}` | "tens"> };

export interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly repeat: boolean;
}

/** A key held down goes on with these; it never bumps twice. */
const REPEATS: readonly Act[] = ["left", "right", "up", "down", "page_back", "page_on"];
const STEPS = {
  left: { across: -1, down: 0 },
  right: { across: 1, down: 0 },
  up: { across: 0, down: -1 },
  down: { across: 0, down: 1 },
} as const;

/** As keys are kept in a map: shift and caps lock do not make another letter. */
export function nameOfKey(key: string): string {
  return key.length === 1 ? key.toLowerCase() : key;
}

export function actOf(map: KeyMap, key: string): Act | null {
  const name = nameOfKey(key);
  return ACTS.find((act) => map[act].includes(name)) ?? null;
}

/** Gives a key to an action, and takes it from whichever had it. The action keeps no other key. */
export function withKey(map: KeyMap, act: Act, key: string): KeyMap {
  const name = nameOfKey(key);
  const entries = ACTS.map((other) => [other, map[other].filter((held) => held !== name)] as const);
  return { ...(Object.fromEntries(entries) as unknown as KeyMap), [act]: [name] };
}

/** A map as it was kept on this device; what is not there, or makes no sense, is as by default. */
export function mapFrom(kept: string | null): KeyMap {
  try {
    const found = JSON.parse(kept ?? "{}") as Partial<Record<Act, unknown>>;
    const keysOf = (act: Act) => {
      const keys = found[act];
      return Array.isArray(keys) && keys.every((key) => typeof key === "string") ? keys : DEFAULT_KEYS[act];
    };
    return Object.fromEntries(ACTS.map((act) => [act, keysOf(act)])) as unknown as KeyMap;
  } catch {
    return DEFAULT_KEYS;
  }
}

export class Keys {
  readonly #map: () => KeyMap;
  #tens = false;
  /** Ctrl went down, and nothing else since. */
  #loneCtrl = false;

  constructor(map: () => KeyMap = () => DEFAULT_KEYS) {
    this.#map = map;
  }

  /** A key went down. `null`: not one of ours. */
  down(key: Key): Action | null {
    this.#loneCtrl = key.key === "Control" && !key.repeat;
    if (key.ctrlKey || key.altKey || key.metaKey) {
      return null;
    }
    const act = actOf(this.#map(), key.key);
    const tens = this.#tens;
    this.#tens = act === "tens" && !tens;
    if (act === null || (key.repeat && !REPEATS.includes(act))) {
      return null;
    }
    return meant(act, tens, key.shiftKey);
  }

  /** A key came up. Ctrl alone acts on release, so that the browser's own shortcuts still work. */
  up(key: Pick<Key, "key">): Action | null {
    const alone = key.key === "Control" && this.#loneCtrl;
    this.#loneCtrl = false;
    const act = alone ? actOf(this.#map(), "Control") : null;
    return act === null ? null : meant(act, false, false);
  }
}

function meant(act: Act, tens: boolean, shift: boolean): Action | null {
  const digit = act === "tens" ? 0 : slotOf(act);
  if (digit !== null) {
    const number = (tens ? 10 : 0) + digit;
    return number === 0 ? null : { do: "slot", number };
  }
  if (shift && act in STEPS) {
    return { do: "carry", ...STEPS[act as keyof typeof STEPS] };
  }
  return { do: act as Exclude<Act, `slot_${number}` | "tens"> };
}

function slotOf(act: Act): number | null {
  return act.startsWith("slot_") ? Number(act.slice("slot_".length)) : null;
}
