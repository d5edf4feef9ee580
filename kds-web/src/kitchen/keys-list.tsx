// All keys of this screen, and the way to give each action another one: press the button, then the key. A
// function of what it is given.

import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import type { Words } from "../words/en";
import { DrawerFrame } from "./drawer";
import style from "./drawer.module.css";
import { ACTS, type Act, DEFAULT_KEYS, type KeyMap, withKey } from "./keys";
import { useSpeech } from "./speech";

interface KeysProps {
  readonly map: KeyMap;
  readonly bumpsAtOnce: boolean;
  readonly onMap: (map: KeyMap) => void;
  readonly onBumpAtOnce: (at_once: boolean) => void;
  readonly onClose: () => void;
}

export function KeysList({ map, bumpsAtOnce, onMap, onBumpAtOnce, onClose }: KeysProps) {
  const { words } = useSpeech();
  const waiting = useSignal<Act | null>(null);
  useNextKey(waiting.value !== null, (key) => {
    if (waiting.value && key !== "Escape") {
      onMap(withKey(map, waiting.value, key));
    }
    waiting.value = null;
  });
  return (
    <DrawerFrame title={words.keysTitle} onClose={onClose}>
      <p>{words.keysHow}</p>
      {ACTS.map((act) => (
        <div class={style.row} data-row key={act}>
          <p class={style.name}>{actName(words, act)}</p>
          <button
            type="button"
            class={style.act}
            aria-pressed={waiting.value === act}
            onClick={() => {
              waiting.value = act;
            }}
          >
            <span class="unseen">{actName(words, act)}: </span>
            {waiting.value === act
              ? words.pressKey
              : map[act].map((key) => <kbd key={key}>{keyLabel(key)}</kbd>)}
            {waiting.value !== act && map[act].length === 0 && "—"}
          </button>
        </div>
      ))}
      <div class={style.row} data-row>
        <button
          type="button"
          class={style.act}
          aria-pressed={bumpsAtOnce}
          onClick={() => onBumpAtOnce(!bumpsAtOnce)}
        >
          {words.slotKeysBump}
        </button>
        <button
          type="button"
          class={style.act}
          disabled={map === DEFAULT_KEYS}
          onClick={() => onMap(DEFAULT_KEYS)}
        >
          {words.defaultKeys}
        </button>
      </div>
    </DrawerFrame>
  );
}

/** Takes the next key for itself, before anybody else hears of it. */
function useNextKey(waiting: boolean, took: (key: string) => void): void {
  useLayoutEffect(() => {
    if (!waiting) {
      return undefined;
    }
    const down = (event: KeyboardEvent) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      took(event.key);
    };
    addEventListener("keydown", down, { capture: true });
    return () => removeEventListener("keydown", down, { capture: true });
  }, [waiting]);
}

export function actName(words: Words, act: Act): string {
  const slot = /^slot_(\d)$/.exec(act)?.[1];
  return slot ? `${words.slot} ${slot}` : words.keys[act as Exclude<Act, `slot_${number}`>];
}

const LABELS: Readonly<Record<string, string>> = {
  " ": "Space",
  "-": "−",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Backspace: "⌫",
  Control: "Ctrl",
  Enter: "↵",
  Escape: "Esc",
  PageDown: "PgDn",
  PageUp: "PgUp",
};

/** A key as it is printed on the bar. */
export function keyLabel(key: string): string {
  return LABELS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
