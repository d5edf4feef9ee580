// The signs, drawn inline so that they take the colour of their words. A sign means one thing everywhere;
// nothing is said by a sign alone, a word stands beside it or in its label.

import type { ComponentChildren } from "preact";

const DRAWN = {
  also: <path d="M4 8h13l-3.5-3.5M20 16H7l3.5 3.5" />,
  bag: <path d="M5 8h14l1 13H4ZM8.500 8a3.500 3.500 0 0 1 7 0" />,
  bell: <path d="M6 16V11a6 6 0 0 1 12 0v5l2 2H4ZM10 21h4" />,
  clock: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7v5l3 2" />
    </>
  ),
  cross: <path d="M6 6l12 12M18 6 6 18" />,
  cut: (
    <path d="M3 3l18 18M8.500 15.500a5 5 0 0 1 6-.8M5 12a10 10 0 0 1 4.500-2.700M13.500 9a10 10 0 0 1 5.500 3M1.800 8.500A15 15 0 0 1 6.500 5.700M11 4.500a15 15 0 0 1 11.200 4M12 19.200v.1" />
  ),
  fire: <path d="M7 5.500v13l11-6.500Z" />,
  late: (
    <>
      <path d="M8 2.500h8L21.500 8v8L16 21.500H8L2.500 16V8Z" />
      <path d="M12 7.500v5.500M12 16.400v.1" />
    </>
  ),
  live: <circle cx="12" cy="12" r="6" />,
  minus: <path d="M5 12h14" />,
  more: <path d="m9 5 7 7-7 7" />,
  mute: <path d="M4 9.500h3.500L12 5.500v13l-4.500-4H4ZM16 9.500l5 5M21 9.500l-5 5" />,
  note: (
    <>
      <path d="M4 4.500h16v11.500h-9L6.500 20v-4H4Z" />
      <path d="M8 8.500h8M8 12h5" />
    </>
  ),
  old: (
    <>
      <path d="M12 21a9 9 0 1 0-9-9" />
      <path d="M12 7v5l3 2M3 16v.1M5 19v.1M8 20.800v.1" />
    </>
  ),
  pause: <path d="M8 6v12M16 6v12" />,
  pin: <path d="M9 3h6l-1 7 4 3v2H6v-2l4-3ZM12 15v6" />,
  rush: <path d="m5 12 7-7 7 7M5 19l7-7 7 7" />,
  scooter: (
    <>
      <circle cx="6" cy="17.5" r="3" />
      <circle cx="18" cy="17.5" r="3" />
      <path d="M9 17.500h6c0-4 1.500-6 3.500-6.500L16.500 5H13M3 12h6.500" />
    </>
  ),
  sent: <path d="m2.500 12.500 4.500 4.500 8-9M11.500 16l1 1 9-10" />,
  shield: (
    <>
      <path d="M12 2.500 20 5.500v6c0 5-3.400 8.400-8 10-4.600-1.600-8-5-8-10v-6Z" />
      <path d="M12 7.500v5M12 16.200v.1" />
    </>
  ),
  shieldTick: (
    <>
      <path d="M12 2.500 20 5.500v6c0 5-3.400 8.400-8 10-4.600-1.600-8-5-8-10v-6Z" />
      <path d="m8.500 11.800 2.600 2.600 4.600-5" />
    </>
  ),
  soon: (
    <>
      <path d="M12 3.500 22 20.500H2Z" />
      <path d="M12 10v4.500M12 17.400v.1" />
    </>
  ),
  sound: (
    <path d="M4 9.500h3.500L12 5.500v13l-4.500-4H4ZM15.500 9a4.500 4.500 0 0 1 0 6M18.500 6.500a8.500 8.500 0 0 1 0 11" />
  ),
  switch: <path d="m7 9.500 5-5 5 5M7 14.500l5 5 5-5" />,
  table: <path d="M3 8h18M6.500 8l-1 12M17.500 8l1 12M6 13h12" />,
  tick: <path d="m4.500 12.500 5 5 10-11" />,
  up: (
    <path d="M7 18.500a4.500 4.500 0 0 1-.5-9 6 6 0 0 1 11.500 1.500 3.800 3.800 0 0 1-.5 7.500M12 20v-7M9 15.500l3-3 3 3" />
  ),
} satisfies Record<string, ComponentChildren>;

export type Sign = keyof typeof DRAWN;

export interface IconProps {
  readonly sign: Sign;
  /** Mirrors in right-to-left languages. */
  readonly turns?: boolean;
  readonly class?: string;
}

export function Icon({ sign, turns, class: extra }: IconProps) {
  const names = ["icon", sign === "live" && "solid", turns && "turns", extra].filter(Boolean).join(" ");
  return (
    <svg class={names} viewBox="0 0 24 24" aria-hidden="true">
      {DRAWN[sign]}
    </svg>
  );
}
