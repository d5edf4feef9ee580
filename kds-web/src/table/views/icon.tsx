// The line icons of the table page. Each stands beside a word; none says anything alone.

const PATHS = {
  again: "M20 5v5h-5M4 19v-5h5M19 10a7.5 7.5 0 0 0-13-3L4 9M5 14a7.5 7.5 0 0 0 13 3l2-2",
  back: "M15 5l-7 7 7 7",
  bin: "M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13M10.3 11v5M13.7 11v5",
  bag: "M6 8h12l1 12.5H5ZM9 11V6.5a3 3 0 0 1 6 0V11",
  bell: "M5 17.5h14c-1.5-1.5-2-3.5-2-7a5 5 0 0 0-10 0c0 3.5-.5 5.5-2 7ZM10 20.5h4",
  bill: "M6 3.5h12v17l-3-2-3 2-3-2-3 2ZM9.5 8.5h5M9.5 12.5h5",
  camera: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4ZM12 10.2a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4Z",
  chevron: "M9 5l7 7-7 7",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 7.5V12l3 2",
  cross: "M6 6l12 12M18 6 6 18",
  cut: "M3 3l18 18M8.5 15.5a5 5 0 0 1 6-.8M5 12a10 10 0 0 1 4.5-2.7M13.5 9a10 10 0 0 1 5.5 3M1.8 8.5A15 15 0 0 1 6.5 5.7M11 4.5a15 15 0 0 1 11.2 4M12 19.2v.1",
  globe:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c2.7 2.6 4 5.6 4 9s-1.3 6.4-4 9c-2.7-2.6-4-5.6-4-9s1.3-6.4 4-9Z",
  drop: "M12 3.5c3.5 4.2 5.5 7.2 5.5 10.2a5.5 5.5 0 0 1-11 0c0-3 2-6 5.5-10.2Z",
  fork: "M7 3.5V10M4.5 3.5v4a2.5 2.5 0 0 0 5 0v-4M7 10v10.5M16.5 20.5v-17c-2.5 1-3.5 4-3.5 8.5h3.5",
  hand: "M8 12V5.5a1.5 1.5 0 0 1 3 0V11M11 10.5v-6a1.5 1.5 0 0 1 3 0v6M14 10.5v-4a1.5 1.5 0 0 1 3 0v8c0 4-2 6.5-5.5 6.5-3 0-4.5-1.5-6-4.5l-1.7-3.5c-.5-1.3 1-2.3 2.1-1.2L8 14",
  late: "M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8ZM12 7.5V13M12 16.4v.1",
  leaf: "M5 19c0-9 5-14 15-14 0 10-5 15-12.5 13M5 19l7-7",
  lock: "M6 10.5h12v9.5H6ZM8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3M12 14.5v2",
  minus: "M5 12h14",
  note: "M4 4.5h16V16h-9l-4.5 4V16H4ZM8 8.5h8M8 12h5",
  pause: "M9 6v12M15 6v12",
  plus: "M12 5v14M5 12h14",
  rush: "M5 12l7-7 7 7M5 19l7-7 7 7",
  screen:
    "M4.5 4.5h15A1.5 1.5 0 0 1 21 6v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15V6a1.5 1.5 0 0 1 1.5-1.5ZM9 20h6",
  search: "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM16 16l4.5 4.5",
  shield: "M12 2.5 20 5.5v6c0 5-3.4 8.4-8 10-4.6-1.6-8-5-8-10v-6ZM12 7.5v5M12 16.2v.1",
  "shield-tick": "M12 2.5 20 5.5v6c0 5-3.4 8.4-8 10-4.6-1.6-8-5-8-10v-6ZM8.5 11.8l2.6 2.6 4.6-5",
  table: "M3 9h18M5.5 9v10M18.5 9v10M8 5h8",
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
