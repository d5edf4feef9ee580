// The grid of slots: tickets where they stand, free slots with their numbers, and, when there is nothing
// at all, a sentence that is only said while the screen is live (L10). Measures the room it has.

import { Component } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { KINDS } from "./kinds";
import type { Kitchen } from "./kitchen";
import style from "./screen.module.css";
import type { Cut, Room } from "./sizes";
import { type Place, perPage, slotNumber } from "./slots";
import { useSpeech } from "./speech";
import { type Elsewhere, type TicketProps, TicketView } from "./ticket-view";
import type { Touch } from "./touch";

const COLUMN_LEAST_REM = 16;
const COLUMNS_MOST = 6;
const TWO_ROWS_LEAST_REM = 34;
/** A wall that stands upright. */
const FOUR_ROWS_LEAST_REM = 90;
const GAP_REM = 0.625;

interface SlotsProps {
  readonly kitchen: Kitchen;
  readonly touch: Touch;
}

export function Slots({ kitchen, touch }: SlotsProps) {
  const grid = useRef<HTMLElement>(null);
  useRoom(grid, kitchen);
  const room = kitchen.layout.room.value;
  const page = kitchen.layout.page.value;
  const size = perPage(room);
  const standing = kitchen.standing.value;
  const here = standing.filter(({ place }) => Math.floor(place.cell / size) === page);
  const taken = new Set(
    here.flatMap(({ place }) => (place.tall ? [place.cell, place.cell + 1] : [place.cell])),
  );
  const free = Array.from({ length: size }, (_, i) => page * size + i).filter((cell) => !taken.has(cell));
  const focus = touch.bar.ring.focus.value;
  const added = kitchen.added.value;
  const pinned = kitchen.layout.pinned.value;
  const part = (cut: Cut, nth: number): Elsewhere | null => {
    const found = standing.find((other) => other.cut.ticket === cut.ticket && other.cut.nth === nth);
    const on = found && Math.floor(found.place.cell / size);
    return found
      ? { slot: slotNumber(found.place.cell, room), page: on === page ? null : (on ?? 0) + 1 }
      : null;
  };
  const template = {
    gridTemplateColumns: `repeat(${room.columns}, minmax(0, 1fr))`,
    gridTemplateRows: `repeat(${room.rows}, minmax(0, 1fr))`,
  };
  return (
    <section class={style.slots} style={template} ref={grid}>
      {here.map(({ cut, place }) => (
        <HangingTicket
          key={cut.key}
          cut={cut}
          place={place}
          room={room}
          focused={covers(place, focus.cell)}
          focusedLine={focus.line}
          pass={kitchen.choice.value?.purpose === "pass"}
          added={added.has(cut.ticket.order.id)}
          pinned={pinned.has(cut.ticket.order.id)}
          printing={touch.bar.printing.value !== null && covers(place, touch.bar.printing.value)}
          next={part(cut, cut.nth + 1)}
          previous={part(cut, cut.nth - 1)}
          touch={touch}
        />
      ))}
      {free.map((cell) => (
        <FreeSlot key={`free ${cell}`} cell={cell} room={room} focused={focus.cell === cell} />
      ))}
      {standing.length === 0 && <Nothing kitchen={kitchen} />}
    </section>
  );
}

/** Drawn again only when something of it changed: its ages follow the clock by themselves. */
class HangingTicket extends Component<TicketProps> {
  override shouldComponentUpdate(next: TicketProps): boolean {
    const same = (name: keyof TicketProps) =>
      this.props[name] === next[name] || JSON.stringify(this.props[name]) === JSON.stringify(next[name]);
    const plain = [
      "place",
      "next",
      "previous",
      "focused",
      "focusedLine",
      "added",
      "pinned",
      "printing",
      "pass",
    ] as const;
    return this.props.cut !== next.cut || this.props.room !== next.room || !plain.every(same);
  }

  render(props: TicketProps) {
    return <TicketView {...props} />;
  }
}

function covers(place: Place, cell: number | null): boolean {
  return cell !== null && (place.cell === cell || (place.tall && place.cell + 1 === cell));
}

function FreeSlot({
  cell,
  room,
  focused,
}: {
  readonly cell: number;
  readonly room: Room;
  readonly focused: boolean;
}) {
  const { words } = useSpeech();
  const onPage = cell % perPage(room);
  const where = {
    gridColumn: String(Math.floor(onPage / room.rows) + 1),
    gridRow: String((onPage % room.rows) + 1),
  };
  return (
    <div class={focused ? `${style.free} ${style.freeFocus}` : style.free} style={where} data-cell={cell}>
      <b class="num">{slotNumber(cell, room)}</b>
      {words.free}
    </div>
  );
}

/** "No tickets" and "not connected" never look the same. */
function Nothing({ kitchen }: { readonly kitchen: Kitchen }) {
  const speech = useSpeech();
  const last = kitchen.finished.value[0];
  if (kitchen.trust.value !== "live") {
    return null;
  }
  const { only, counts } = kitchen;
  const hidden = KINDS.reduce((sum, kind) => sum + counts.value[kind], 0);
  if (only.value !== null && hidden > 0) {
    return (
      <p class={style.nothing}>
        <b>{speech.words.onlyKind(speech.words.kinds[only.value], hidden)}</b>
      </p>
    );
  }
  return (
    <p class={style.nothing}>
      <b>{speech.words.allDone}</b>
      {last && <span>{speech.words.lastBumped(speech.name(last.order), speech.time(last.at_ms))}</span>}
    </p>
  );
}

/** As many columns as fit, measured in the text size that this screen has. */
function useRoom(grid: { readonly current: HTMLElement | null }, kitchen: Kitchen): void {
  useEffect(() => {
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const box = grid.current?.getBoundingClientRect();
      if (box && box.width > 0) {
        kitchen.layout.resize(roomOf(box.width / rem, box.height / rem), () => kitchen.cuts.peek());
      }
    };
    const observer = new ResizeObserver(measure);
    if (grid.current) {
      observer.observe(grid.current);
    }
    measure();
    return () => observer.disconnect();
  }, [grid, kitchen]);
}

export function roomOf(width_rem: number, height_rem: number): Room {
  const fitting = Math.floor((width_rem + GAP_REM) / (COLUMN_LEAST_REM + GAP_REM));
  const columns = Math.min(COLUMNS_MOST, Math.max(1, fitting));
  const rows = height_rem >= FOUR_ROWS_LEAST_REM ? 4 : height_rem >= TWO_ROWS_LEAST_REM ? 2 : 1;
  const cell_rem = (height_rem - GAP_REM * (rows - 1)) / rows;
  return { columns, rows, cell_rem, column_rem: (width_rem - GAP_REM * (columns - 1)) / columns };
}
