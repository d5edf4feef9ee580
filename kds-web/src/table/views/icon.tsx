// The line icons of the table page. Each stands beside a word; none says anything alone.

const PATHS = {
  back: "M15 5l-7 7 7 7",
  bin: "M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13M10.3 11v5M13.7 11v5",
  bill: "M6 3.5h12v17l-3-2-3 2-3-2-3 2ZM9.5 8.5h5M9.5 12.5h5",
  chevron: "M9 5l7 7-7 7",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 7.5V12l3 2",
  cross: "M6 6l12 12M18 6 6 18",
  cut: "M3 3l18 18M8.5 15.5a5 5 0 0 1 6-.8M5 12a10 10 0 0 1 4.5-2.7M13.5 9a10 10 0 0 1 5.5 3M1.8 8.5A15 15 0 0 1 6.5 5.7M11 4.5a15 15 0 0 1 11.2 4M12 19.2v.1",
  globe:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c2.7 2.6 4 5.6 4 9s-1.3 6.4-4 9c-2.7-2.6-4-5.6-4-9s1.3-6.4 4-9Z",
  leaf: "M5 19c0-9 5-14 15-14 0 10-5 15-12.5 13M5 19l7-7",
  lock: "M6 10.5h12v9.5H6ZM8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3M12 14.5v2",
  minus: "M5 12h14",
  note: "M4 4.5h16V16h-9l-4.5 4V16H4ZM8 8.5h8M8 12h5",
  pause: "M9 6v12M15 6v12",
  plus: "M12 5v14M5 12h14",
  search: "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM16 16l4.5 4.5",
  shield: "M12 2.5 20 5.5v6c0 5-3.4 8.4-8 10-4.6-1.6-8-5-8-10v-6ZM12 7.5v5M12 16.2v.1",
  "shield-tick": "M12 2.5 20 5.5v6c0 5-3.4 8.4-8 10-4.6-1.6-8-5-8-10v-6ZM8.5 11.8l2.6 2.6 4.6-5",
  tick: "M4.5 12.5l5 5 10-11",
  up: "M7 18.5a4.5 4.5 0 0 1-.5-9 6 6 0 0 1 11.5 1.5 3.8 3.8 0 0 1-.5 7.5M12 20v-7M9 15.5l3-3 3 3",
  warn: "M12 4 21.5 20h-19ZM12 10v4.5M12 17.2v.1",
} as const;

export type IconName = keyof typeof PATHS;

/** Mirrored where the language runs from right to left. */
const TURNS: readonly IconName[] = ["back", "chevron"];

export function Icon({ name, class: extra = "" }: { readonly name: IconName; readonly class?: string }) {
  const turns = TURNS.includes(name) ? "turns" : "";
  return (
    <svg class={`icon ${turns} ${extra}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
