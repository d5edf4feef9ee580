// How much room a ticket needs, judged from its words before it is drawn, so that it gets its slot once
// and never jumps. Errs on the large side. Cuts tickets that are too long for a column into pieces.
// Pure; all lengths in rem. Called by kitchen.ts.

import type { Order } from "../wire/types";
import type { Grid, Piece } from "./slots";
import { asksForAllergy, type Ticket, type TicketLine } from "./ticket";

/** The grid and the room in one cell of it. */
export interface Room extends Grid {
  readonly cell_rem: number;
  readonly column_rem: number;
}

/** A run of a ticket's lines that stands in one slot. */
export interface Cut extends Piece {
  readonly ticket: Ticket;
  /** Lines `from` (included) to `to` (excluded). */
  readonly from: number;
  readonly to: number;
  /** Which part of how many, from 0. */
  readonly nth: number;
  readonly of: number;
}

const GAP_REM = 0.625;
/** The head, and the padding of the body under it. */
const HEAD_REM = 6.2;
const STRIP_REM = 2.25;
/** "goes on in 7" */
const TORN_REM = 2.25;
const LINE_REM = 4;
const LINE_PADDING_REM = 0.9375;
const DISH_ROW_REM = 1.75;
const OPTION_ROW_REM = 1.53;
const OPTIONS_PADDING_REM = 0.125;
const NOTE_PADDING_REM = 1.25;
const ALSO_REM = 1.5;
const ALLERGY_ASKS_REM = 5;
const ALLERGY_ROW_REM = 1.7;
const CONFIRM_REM = 4.5;
/** Above the lines is more than a head and a strip: it may stand alone. */
const ALONE_FROM_REM = 12;
/** At the pass: a station's name, and what is kept for "All ready", which is a button. */
const GROUP_REM = 2;
const HAND_OVER_REM = 3.75;
/** Width of one letter: of a dish, and of an option or a note. */
const DISH_LETTER_REM = 0.82;
const OPTION_LETTER_REM = 0.66;
/** What stands beside a line's text (mark and padding), and within a note's frame. */
const BESIDE_REM = 4.5;
const NOTE_FRAME_REM = 2.5;
/** The padding of a ticket's body; and from how many letters on a note is wide. */
const WIDE_BESIDE_REM = 1.625;
const WIDE_LETTERS = 48;

interface Run {
  readonly from: number;
  readonly to: number;
  readonly rem: number;
}

export function cutsOf(ticket: Ticket, room: Room, words: (line: TicketLine) => LineWords): Cut[] {
  const heights = ticket.lines.map((line) => lineHeight(words(line), line, room));
  const runs = runsOf(topHeight(ticket, room), heights, room);
  const key = (nth: number) => (nth === 0 ? ticket.order.id : `${ticket.order.id}#${nth}`);
  return runs.map(({ from, to, rem }, nth) => ({
    key: key(nth),
    after: nth === 0 ? null : key(nth - 1),
    tall: room.rows > 1 && rem > room.cell_rem,
    ticket,
    from,
    to,
    nth,
    of: runs.length,
  }));
}

/**
 * Whole if it fits into a column, else cut so that each run fits, with its torn edge. What stands above the
 * lines is a part of its own where it leaves the first of them no room.
 */
function runsOf(top_rem: number, heights: readonly number[], room: Room): Run[] {
  const column_rem = room.rows > 1 ? room.cell_rem * 2 + GAP_REM : room.cell_rem;
  const whole_rem = heights.reduce((sum, rem) => sum + rem, top_rem);
  if (whole_rem <= column_rem) {
    return [{ from: 0, to: heights.length, rem: whole_rem }];
  }
  const runs: Run[] = [];
  let run: Run = { from: 0, to: 0, rem: top_rem + TORN_REM };
  for (const [i, rem] of heights.entries()) {
    if (run.rem + rem > column_rem && (run.to > run.from || (i === 0 && top_rem > ALONE_FROM_REM))) {
      runs.push(run);
      run = { from: i, to: i, rem: HEAD_REM + TORN_REM };
    }
    run = { ...run, to: i + 1, rem: run.rem + rem };
  }
  return [...runs, run];
}

/** What is written on a line, in the words of this screen. */
export interface LineWords {
  readonly dish: string;
  readonly options: readonly string[];
}

function lineHeight(words: LineWords, line: TicketLine, room: Room): number {
  const width = room.column_rem - BESIDE_REM;
  const rows = words.options.map((text) => rowsOf(text, (width - 1.125) / OPTION_LETTER_REM));
  const options = rows.reduce(
    (sum, count) => sum + count * OPTION_ROW_REM,
    rows.length > 0 ? OPTIONS_PADDING_REM : 0,
  );
  const dish = LINE_PADDING_REM + rowsOf(words.dish, width / DISH_LETTER_REM) * DISH_ROW_REM;
  const text = line.line.note ?? "";
  const beside = text !== "" && !isWide(text) ? noteHeight(text, width) : 0;
  const under = isWide(text) ? noteHeight(text, room.column_rem - WIDE_BESIDE_REM) : 0;
  const also = line.also.length * ALSO_REM;
  const extra = (line.asks ? CONFIRM_REM : 0) + (line.group ? GROUP_REM : 0) + (line.held ? ALSO_REM : 0);
  return Math.max(LINE_REM, dish + options + beside + also) + under + extra;
}

/** A note of so many letters takes the whole width of its ticket: beside the mark it would be a tall column. */
export function isWide(note: string): boolean {
  return note.length > WIDE_LETTERS;
}

function noteHeight(note: string, width: number): number {
  return NOTE_PADDING_REM + rowsOf(note, (width - NOTE_FRAME_REM) / OPTION_LETTER_REM) * OPTION_ROW_REM;
}

function topHeight({ order, cancelled, lines }: Ticket, room: Room): number {
  const wide = room.column_rem - 1.5;
  const strips = [order.rush, order.kind !== "dine_in"].filter(Boolean).length * STRIP_REM;
  const note = order.note ? 0.75 + noteHeight(order.note, wide) : 0;
  const asks = cancelled || order.state === "pending" ? CONFIRM_REM + STRIP_REM : 0;
  const pass = lines.some((line) => line.group) ? HAND_OVER_REM : 0;
  return HEAD_REM + strips + allergyHeight(order, wide) + note + asks + pass;
}

/** While it asks and once it is known: a ticket must not outgrow its slot by the answer. */
function allergyHeight(order: Order, wide: number): number {
  if (order.allergy === null) {
    return 0;
  }
  const known = 1 + rowsOf(order.allergy, (wide - 5.5) / OPTION_LETTER_REM) * 1.3;
  const asking = ALLERGY_ASKS_REM + rowsOf(order.allergy, (wide - 2.5) / DISH_LETTER_REM) * ALLERGY_ROW_REM;
  return asksForAllergy(order) ? Math.max(known, asking) : Math.max(STRIP_REM, known);
}

/** Rows that a text takes at so many letters a row, broken between words, and within longer ones. */
export function rowsOf(text: string, letters: number): number {
  const width = Math.max(4, Math.floor(letters));
  let rows = 0;
  for (const paragraph of text.split("\n")) {
    let used = width + 1;
    for (const word of paragraph.split(/\s+/).filter((part) => part !== "")) {
      if (used + 1 + word.length <= width) {
        used += 1 + word.length;
      } else {
        rows += Math.ceil(word.length / width);
        used = word.length % width || width;
      }
    }
  }
  return Math.max(1, rows);
}
