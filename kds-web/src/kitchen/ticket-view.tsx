// One ticket as it hangs on the wall: head, strips, notes, lines. A function of what it is given; every
// touch is called back. Ages come from the shared clock, so that a tick redraws only the numbers.

import { Icon, type Sign } from "../design/icons";
import { clock, stopwatch } from "../time";
import { carried } from "./carry";
import { LineView } from "./line-view";
import type { Cut, Room } from "./sizes";
import { type Place, slotNumber } from "./slots";
import { useSpeech } from "./speech";
import { asksForAllergy, type Ticket, type TicketLine, usedOf, type Verdict, verdictOf } from "./ticket";
import style from "./ticket.module.css";

/** What a hand can do on a ticket. */
export interface TicketTouch {
  bump(ticket: Ticket, cell: number): void;
  line(ticket: Ticket, line: TicketLine): void;
  /** Pressed for long: what else can be done with it. */
  openLine(ticket: Ticket, line: TicketLine): void;
  accept(ticket: Ticket): void;
  confirmAllergy(ticket: Ticket): void;
  take(ticket: Ticket): void;
  /** A finger carried it to another cell. */
  carry(cut: Cut, from: number, to: number): void;
}

/** A slot by the number painted on it; with its page, when that is another one. */
export interface Elsewhere {
  readonly slot: number;
  readonly page: number | null;
}

export interface TicketProps {
  readonly cut: Cut;
  readonly place: Place;
  readonly room: Room;
  /** The bump bar points here; and at this line. */
  readonly focused: boolean;
  readonly focusedLine: number | null;
  /** Keeps its slot when gaps are closed. */
  /** More for a table that has a ticket already, and nobody began it. */
  readonly added: boolean;
  readonly pinned: boolean;
  readonly printing: boolean;
  /** This screen is the pass: the ticket goes when all of it is ready. */
  readonly pass: boolean;
  /** Where the ticket goes on, and where it came from. */
  readonly next: Elsewhere | null;
  readonly previous: Elsewhere | null;
  readonly touch: TicketTouch;
}

const SIGNS: Record<Verdict, Sign> = { new: "clock", fresh: "clock", soon: "soon", late: "late" };

export function TicketView(props: TicketProps) {
  const { cut, place, room, focused, focusedLine, next, previous, touch } = props;
  const { ticket } = cut;
  const speech = useSpeech();
  const { words } = speech;
  // Only to let its outline fade once; the word "new" follows the clock by itself.
  const arrives = verdictOf(ticket, clock.peek()) === "new";
  const names = [
    style.ticket,
    ticket.order.rush && style.rush,
    ticket.cancelled && style.cancelled,
    props.pass && ticket.ready && style.ready,
    focused && style.focus,
    arrives && style.arrives,
  ];
  const onPage = place.cell % (room.columns * room.rows);
  const where = {
    gridColumn: String(Math.floor(onPage / room.rows) + 1),
    gridRow: `${(onPage % room.rows) + 1} / span ${place.tall ? 2 : 1}`,
  };
  return (
    <article
      class={names.filter(Boolean).join(" ")}
      style={where}
      data-cell={place.cell}
      data-print={props.printing ? "" : undefined}
      aria-label={`${speech.name(ticket.order)}, ${words.slot} ${slotNumber(place.cell, room)}`}
    >
      <Head
        ticket={ticket}
        number={slotNumber(place.cell, room)}
        added={props.added}
        pinned={props.pinned}
        previous={previous}
        onBump={() => touch.bump(ticket, place.cell)}
        onCarry={(to) => touch.carry(cut, place.cell, to)}
      />
      {cut.nth === 0 && (
        <Strips
          ticket={ticket}
          pass={props.pass}
          touch={touch}
          onGone={() => touch.bump(ticket, place.cell)}
        />
      )}
      <div class={style.body}>
        {cut.nth === 0 && ticket.order.note && (
          <p class={`${style.note} ${style.orderNote}`}>
            <Icon sign="note" />
            <bdi>{ticket.order.note}</bdi>
          </p>
        )}
        <ul>
          {ticket.lines.slice(cut.from, cut.to).map((line, i) => (
            <LineView
              key={line.line.id}
              line={line}
              focused={focused && focusedLine === cut.from + i}
              onTap={() => touch.line(ticket, line)}
              onMore={() => touch.openLine(ticket, line)}
            />
          ))}
        </ul>
      </div>
      {next !== null && <p class={style.torn}>{words.goesOn(next.slot, next.page)}</p>}
    </article>
  );
}

interface HeadProps {
  readonly ticket: Ticket;
  readonly number: number;
  readonly added: boolean;
  readonly pinned: boolean;
  readonly previous: Elsewhere | null;
  readonly onBump: () => void;
  readonly onCarry: (to: number) => void;
}

function Head({ ticket, number, added, pinned, previous, onBump, onCarry }: HeadProps) {
  const speech = useSpeech();
  const { words } = speech;
  // A ticket that is all ready stops ageing.
  const ready_at = ticket.ready ? ticket.order.ready_at : null;
  const now_ms = ready_at ? Date.parse(ready_at) : clock.value;
  const verdict = verdictOf(ticket, now_ms);
  const stopped = ticket.order.cancelled_at ?? ticket.order.ready_at;
  const until_ms = stopped ? Date.parse(stopped) : now_ms;
  const name = speech.name(ticket.order);
  const used = { "--used": `${Math.round(usedOf(ticket.promised, now_ms) * 100)}%` };
  const size = name.length > 9 ? style.longest : name.length > 5 ? style.long : "";
  return (
    <button
      type="button"
      class={style.head}
      data-age={ticket.cancelled ? "cancelled" : verdict}
      onMouseDown={keepFocus}
      onPointerDown={(event) => carried(event, onCarry)}
      onClick={onBump}
    >
      <span class="unseen">{words.bump(name)}, </span>
      <b class={style.slot}>{number}</b>
      <span class={`${style.name} ${size}`}>
        {name}
        {pinned && <Icon sign="pin" class={style.pin} />}
      </span>
      <span class={style.age}>
        <Icon sign={ticket.cancelled ? "cross" : SIGNS[verdict]} />
        <time>{stopwatch(until_ms - ticket.promised.from_ms)}</time>
      </span>
      <span class={style.who}>
        {previous === null ? <Who ticket={ticket} added={added} /> : words.from(previous.slot, previous.page)}
      </span>
      <Judged ticket={ticket} verdict={verdict} now_ms={now_ms} />
      <i class={style.used} style={used} />
    </button>
  );
}

function Who({ ticket: { order }, added }: { readonly ticket: Ticket; readonly added: boolean }) {
  const { words } = useSpeech();
  const by = order.placed_by.kind === "staff" ? order.placed_by.name.split(" ")[0] : words.byGuest;
  if (added) {
    return (
      <>
        <b class={style.isNew}>{words.added}</b> #{order.number}
      </>
    );
  }
  return <>{order.table ? `${by} · #${order.number}` : by}</>;
}

function Judged({
  ticket,
  verdict,
  now_ms,
}: {
  readonly ticket: Ticket;
  readonly verdict: Verdict;
  readonly now_ms: number;
}) {
  const { words } = useSpeech();
  if (ticket.cancelled) {
    return <span class={style.verdict}>{words.cancelled}</span>;
  }
  switch (verdict) {
    case "new":
      return <span class={`${style.verdict} ${style.isNew}`}>{words.fresh}</span>;
    case "fresh":
      return <span class={style.verdict}>{words.onTime}</span>;
    case "soon":
      return <span class={style.verdict}>{words.soon}</span>;
    case "late":
      return <span class={style.verdict}>{words.lateBy(stopwatch(now_ms - ticket.promised.due_ms))}</span>;
  }
}

interface StripsProps {
  readonly ticket: Ticket;
  readonly pass: boolean;
  readonly touch: TicketTouch;
  readonly onGone: () => void;
}

/** One fact each, always in this order: cancelled, rush, leaves the house, allergy, waits for an OK, ready. */
function Strips({ ticket, pass, touch, onGone }: StripsProps) {
  const speech = useSpeech();
  const { words } = speech;
  const { order } = ticket;
  return (
    <>
      {ticket.cancelled && (
        <div class={`${style.strip} ${style.gone}`}>
          <p>
            {words.cancelledAt(speech.time(Date.parse(order.cancelled_at ?? order.placed_at)))}
            {order.cancel_reason && (
              <>
                : <bdi>{order.cancel_reason}</bdi>
              </>
            )}
          </p>
          <button
            type="button"
            class={style.confirm}
            onMouseDown={keepFocus}
            onClick={() => touch.accept(ticket)}
          >
            <Icon sign="tick" />
            {words.notCooking}
          </button>
        </div>
      )}
      {order.rush && (
        <p class={`${style.strip} ${style.rushStrip}`}>
          <Icon sign="rush" />
          {words.rush}
        </p>
      )}
      {order.kind !== "dine_in" && (
        <p class={`${style.strip} ${style.out}`}>
          <Icon sign={order.kind === "delivery" ? "scooter" : "bag"} turns={order.kind === "delivery"} />
          {order.kind === "delivery" ? words.delivery : words.takeaway}
          <time>{words.due(speech.time(ticket.promised.due_ms))}</time>
        </p>
      )}
      {order.allergy && <Allergy ticket={ticket} allergy={order.allergy} touch={touch} />}
      {order.state === "pending" && (
        <div class={`${style.strip} ${style.pending}`}>
          <p>{words.notAccepted}</p>
          <button
            type="button"
            class={style.confirm}
            onMouseDown={keepFocus}
            onClick={() => touch.take(ticket)}
          >
            <Icon sign="tick" />
            {words.takeIt}
          </button>
        </div>
      )}
      <Told ticket={ticket} />
      {pass && ticket.ready && <HandOver ticket={ticket} onGone={onGone} />}
    </>
  );
}

/** How far the message got that says that it is ready, or that it was cancelled. */
function Told({ ticket: { order } }: { readonly ticket: Ticket }) {
  const { words } = useSpeech();
  const { told } = order;
  if (!told || (told.what !== "ready" && told.what !== "cancelled")) return null;
  const sign = told.state === "failed" ? "cross" : told.state === "unknown" ? "clock" : "tick";
  return (
    <p class={`${style.strip} ${style.told}`} data-told={told.state}>
      <Icon sign={sign} />
      <span>{words.toldReady[told.state]}</span>
    </p>
  );
}

/** "All ready", and how long it stands there: one tap, and it is gone. */
function HandOver({ ticket, onGone }: { readonly ticket: Ticket; readonly onGone: () => void }) {
  const speech = useSpeech();
  const { words } = speech;
  const { table, ready_at } = ticket.order;
  return (
    <button
      type="button"
      class={`${style.strip} ${style.readyStrip}`}
      onMouseDown={keepFocus}
      onClick={onGone}
    >
      <Icon sign="tick" />
      <span>
        {words.allReady}
        <b>
          {table ? words.goneTo(speech.name(ticket.order)) : words.handedOver}
          <Icon sign="more" turns />
        </b>
      </span>
      {ready_at && <time>{stopwatch(clock.value - Date.parse(ready_at))}</time>}
    </button>
  );
}

function Allergy({
  ticket,
  allergy,
  touch,
}: {
  readonly ticket: Ticket;
  readonly allergy: string;
  readonly touch: TicketTouch;
}) {
  const speech = useSpeech();
  const confirmed = ticket.order.allergy_confirmed_at;
  if (!asksForAllergy(ticket.order) || ticket.cancelled) {
    return (
      <p class={`${style.strip} ${style.known}`}>
        <Icon sign="shieldTick" />
        <span>{speech.words.allergy(isolated(allergy))}</span>
        {confirmed && <time>{speech.time(Date.parse(confirmed))}</time>}
      </p>
    );
  }
  return (
    <div class={`${style.strip} ${style.allergy}`}>
      <Icon sign="shield" />
      <p class={style.what}>
        <span>{speech.words.allergy(isolated(allergy))}</span>
      </p>
      <button
        type="button"
        class={style.confirm}
        onMouseDown={keepFocus}
        onClick={() => touch.confirmAllergy(ticket)}
      >
        <Icon sign="tick" />
        {speech.words.weHaveSeenIt}
      </button>
    </div>
  );
}

/** A finger must not take the keyboard's focus: Space belongs to the bump bar. */
export function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}

/** A guest's own words keep their direction inside ours (Unicode FSI and PDI). */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}
