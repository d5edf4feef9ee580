// Where tickets stand: a ticket keeps its slot until it leaves, a free slot stays free until the next
// ticket takes it, the oldest first. Slots count down the first column, then the next. Pure.
// Called by kitchen.ts with the pieces that `sizes.ts` cuts.

/** One ticket, or one part of a ticket that is too large for a column. */
export interface Piece {
  readonly key: string;
  /** Takes both cells of a column. */
  readonly tall: boolean;
  /** The part that it goes on from: it stands behind that one. */
  readonly after: string | null;
}

export interface Place {
  /** Counted from 0 through all pages, down the columns. */
  readonly cell: number;
  readonly tall: boolean;
}

export type Places = ReadonlyMap<string, Place>;

export interface Grid {
  readonly columns: number;
  /** With more than one, two and two make a place for a large order. */
  readonly rows: 1 | 2 | 4;
}

export const NOWHERE: Places = new Map();

export function perPage(grid: Grid): number {
  return grid.columns * grid.rows;
}

export interface Rules {
  /** What waits on later pages moves to slots that are free on the first (not while somebody reads there). */
  readonly promote: boolean;
  /** Where tickets stood that left: one that comes back goes there, if it is free. */
  readonly left: Places;
}

/** The next places. `pieces` come oldest first. */
export function placed(before: Places, pieces: readonly Piece[], grid: Grid, rules: Rules): Places {
  const taken = new Set<number>();
  const places = new Map<string, Place>();
  const settle = (piece: Piece, place: Place) => {
    places.set(piece.key, place);
    for (const cell of cellsOf(place)) {
      taken.add(cell);
    }
  };
  for (const piece of pieces) {
    const place = before.get(piece.key);
    if (place) {
      settle(piece, place);
    }
  }
  for (const piece of pieces) {
    const held = places.get(piece.key);
    if (held) {
      regrow(piece, held, taken, grid, settle);
    }
  }
  let room = hasRoom(taken, grid);
  for (const piece of pieces) {
    const held = places.get(piece.key);
    const waits = room && rules.promote && held && held.cell >= perPage(grid);
    if (held && !waits) {
      continue;
    }
    const before = piece.after === null ? undefined : places.get(piece.after);
    const cell = cellFor(piece, taken, grid, rules, before ? before.cell + 1 : 0);
    if (!held) {
      settle(piece, { cell, tall: piece.tall && grid.rows > 1 });
    } else if (cell < perPage(grid)) {
      for (const old of cellsOf(held)) {
        taken.delete(old);
      }
      settle(piece, { ...held, cell });
      room = hasRoom(taken, grid);
    }
  }
  return places;
}

/**
 * A hand puts what stands in one cell into another, and what stood there into the first. Where one of
 * them takes a whole column, the columns change places.
 */
export function carried(places: Places, from: number, to: number, grid: Grid): Places {
  const at = (cell: number) => [...places.values()].find((place) => cellsOf(place).includes(cell));
  const whole = grid.rows > 1 && (at(from)?.tall || at(to)?.tall);
  const span = whole ? 2 : 1;
  const [a, b] = [Math.floor(from / span) * span, Math.floor(to / span) * span];
  const moved = (cell: number) => {
    const first = Math.floor(cell / span) * span;
    return first === a ? b + cell - a : first === b ? a + cell - b : cell;
  };
  return new Map([...places].map(([key, place]) => [key, { ...place, cell: moved(place.cell) }]));
}

/** A ticket that grew takes the free cell under it, if there is one. It never moves, and never shrinks. */
function regrow(
  piece: Piece,
  held: Place,
  taken: ReadonlySet<number>,
  grid: Grid,
  settle: (piece: Piece, place: Place) => void,
): void {
  const below = held.cell + 1;
  if (piece.tall && !held.tall && grid.rows > 1 && held.cell % 2 === 0 && !taken.has(below)) {
    settle(piece, { cell: held.cell, tall: true });
  }
}

/** Some slot of the first page is free. */
function hasRoom(taken: ReadonlySet<number>, grid: Grid): boolean {
  return Array.from({ length: perPage(grid) }, (_, cell) => cell).some((cell) => !taken.has(cell));
}

function cellFor(
  piece: Piece,
  taken: ReadonlySet<number>,
  grid: Grid,
  { left }: Rules,
  from: number,
): number {
  const old = left.get(piece.key);
  const free =
    old &&
    old.cell < perPage(grid) &&
    old.tall === piece.tall &&
    cellsOf(old).every((cell) => !taken.has(cell));
  return free ? old.cell : firstFree(taken, piece.tall, grid, from);
}

function firstFree(taken: ReadonlySet<number>, tall: boolean, grid: Grid, from: number): number {
  const whole = tall && grid.rows > 1;
  for (let cell = whole ? from + (from % 2) : from; ; cell += whole ? 2 : 1) {
    if (!taken.has(cell) && !(whole && taken.has(cell + 1))) {
      return cell;
    }
  }
}

function cellsOf({ cell, tall }: Place): number[] {
  return tall ? [cell, cell + 1] : [cell];
}

/** How many pages there are: at least one. */
export function pagesOf(places: Places, grid: Grid): number {
  const last = Math.max(0, ...[...places.values()].map((place) => place.cell));
  return Math.floor(last / perPage(grid)) + 1;
}

/** The number that is painted on a slot: counted from 1 on each page. */
export function slotNumber(cell: number, grid: Grid): number {
  return (cell % perPage(grid)) + 1;
}
