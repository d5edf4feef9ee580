// A list at full size beside the tickets, opened because somebody asked: its frame, and how a bump bar moves
// in it. Rows are marked `data-row`; up and down go from row to row, left and right among a row's buttons.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../design/icons";
import style from "./drawer.module.css";
import type { Action } from "./keys";
import { useSpeech } from "./speech";

interface DrawerProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function DrawerFrame({ title, onClose, children }: DrawerProps) {
  const { words } = useSpeech();
  const frame = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    rowsOf(frame.current)[0]?.[0]?.focus({ preventScroll: true });
  }, []);
  return (
    <section class={style.drawer} role="dialog" aria-label={title} data-drawer ref={frame}>
      <header>
        <h2>{title.charAt(0).toLocaleUpperCase() + title.slice(1)}</h2>
        <button type="button" class={style.close} aria-label={words.close} onClick={onClose}>
          <Icon sign="cross" />
        </button>
      </header>
      <div class={style.list}>{children}</div>
    </section>
  );
}

/** What a key of the bump bar does in the open drawer. Says whether it was its business. */
export function drive(drawer: Element, action: Action["do"]): boolean {
  const rows = rowsOf(drawer);
  const focused = document.activeElement as HTMLElement | null;
  const row = rows.findIndex((buttons) => focused !== null && buttons.includes(focused));
  const column = Math.max(0, focused && row >= 0 ? (rows[row]?.indexOf(focused) ?? 0) : 0);
  const go = (to: HTMLElement | undefined) => to?.focus();
  const inRow = (buttons: HTMLElement[] | undefined, at: number) =>
    buttons?.[Math.min(buttons.length - 1, Math.max(0, at))];
  switch (action) {
    case "up":
      go(inRow(rows[Math.max(0, row - 1)], column));
      return true;
    case "down":
      go(inRow(rows[Math.min(rows.length - 1, row + 1)], column));
      return true;
    case "left":
    case "right": {
      const rightward = (action === "right") !== (document.documentElement.dir === "rtl");
      go(inRow(rows[row], column + (rightward ? 1 : -1)));
      return true;
    }
    case "line":
    case "bump":
      if (row >= 0) {
        focused?.click();
      }
      return true;
    default:
      return false;
  }
}

function rowsOf(drawer: Element | null): HTMLElement[][] {
  const rows = [...(drawer?.querySelectorAll("[data-row]") ?? [])];
  return rows
    .map((row) => [...row.querySelectorAll<HTMLElement>("button:not(:disabled)")])
    .filter((buttons) => buttons.length > 0);
}
