// What a key means: bump bars are programmable keyboards. Pure but for the two keys it must remember:
// the 0 that begins a number above 9, and a Ctrl that was pressed alone. Called by the screen.

export type Action =
  /** Slot by the number painted on it. */
  | { readonly do: "slot"; readonly number: number }
  | { readonly do: "move"; readonly across: number; readonly down: number }
  | { readonly do: "page"; readonly by: number }
  | {
      readonly do:
        | "line"
        | "leave"
        | "bump"
        | "recall"
        | "undo"
        | "first_page"
        | "mute"
        | "tidy"
        | "rush"
        | "help";
    };

export interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
}

const MOVES: Readonly<Record<string, Action>> = {
  ArrowLeft: { do: "move", across: -1, down: 0 },
  ArrowRight: { do: "move", across: 1, down: 0 },
  ArrowUp: { do: "move", across: 0, down: -1 },
  ArrowDown: { do: "move", across: 0, down: 1 },
  PageUp: { do: "page", by: -1 },
  PageDown: { do: "page", by: 1 },
  Home: { do: "first_page" },
};

const ACTS: Readonly<Record<string, Action>> = {
  Enter: { do: "line" },
  Escape: { do: "leave" },
  " ": { do: "bump" },
  Backspace: { do: "recall" },
  "-": { do: "recall" },
  z: { do: "undo" },
  m: { do: "mute" },
  t: { do: "tidy" },
  r: { do: "rush" },
  "?": { do: "help" },
};

export class Keys {
  #tens = false;
  #loneCtrl = false;

  /** A key went down. `null`: not one of ours. */
  down(key: Key): Action | null {
    this.#loneCtrl = key.key === "Control" && !key.repeat;
    if (key.ctrlKey || key.altKey || key.metaKey) {
      return null;
    }
    if (/^\d$/.test(key.key)) {
      return this.#digit(Number(key.key));
    }
    this.#tens = false;
    const move = MOVES[key.key];
    // A key held down moves on; it never bumps twice.
    return (
      move ?? (key.repeat ? null : (ACTS[key.key.length === 1 ? key.key.toLowerCase() : key.key] ?? null))
    );
  }

  /** A key came up. Ctrl alone bumps, on release, so that the browser's own shortcuts still work. */
  up(key: Pick<Key, "key">): Action | null {
    const bumps = key.key === "Control" && this.#loneCtrl;
    this.#loneCtrl = false;
    return bumps ? { do: "bump" } : null;
  }

  #digit(digit: number): Action | null {
    if (this.#tens) {
      this.#tens = false;
      return { do: "slot", number: 10 + digit };
    }
    this.#tens = digit === 0;
    return digit === 0 ? null : { do: "slot", number: digit };
  }
}
