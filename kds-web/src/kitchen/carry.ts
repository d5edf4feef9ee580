// What a finger does besides tapping: it carries a ticket's head to another cell, and it rests on a line to ask
// for more. A short press stays a tap. Called by the views on `pointerdown`; keys do the same.

/** A finger that moved less than this has tapped. */
const DRAG_PX = 24;
/** A finger that rests this long asks for more. */
const LONG_MS = 600;

/** A long press on a line; it is no tap then. */
export function pressed(down: PointerEvent, onLong: () => void): void {
  const line = down.currentTarget as HTMLElement;
  const end = new AbortController();
  const listen = { signal: end.signal };
  const stop = () => {
    clearTimeout(timer);
    end.abort();
  };
  const timer = setTimeout(() => {
    stop();
    addEventListener("pointerup", () => swallowClick(line), { once: true });
    onLong();
  }, LONG_MS);
  const move = (event: PointerEvent) => {
    if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > DRAG_PX) {
      stop();
    }
  };
  addEventListener("pointermove", move, listen);
  addEventListener("pointerup", stop, listen);
  addEventListener("pointercancel", stop, listen);
}

export function carried(down: PointerEvent, onCarry: (to: number) => void): void {
  const head = down.currentTarget as HTMLElement;
  const ticket = head.closest<HTMLElement>("[data-cell]");
  if (!ticket || down.button !== 0) {
    return;
  }
  let dragged = false;
  const end = new AbortController();
  const listen = { signal: end.signal };
  const move = (event: PointerEvent) => {
    const [x, y] = [event.clientX - down.clientX, event.clientY - down.clientY];
    dragged ||= Math.hypot(x, y) > DRAG_PX;
    if (dragged) {
      ticket.style.transform = `translate(${x}px, ${y}px)`;
      ticket.style.zIndex = "3";
      ticket.style.pointerEvents = "none";
    }
  };
  const drop = (event: PointerEvent) => {
    end.abort();
    if (dragged) {
      const under = document
        .elementFromPoint(event.clientX, event.clientY)
        ?.closest<HTMLElement>("[data-cell]");
      settle(ticket);
      swallowClick(head);
      if (event.type === "pointerup" && under?.dataset.cell !== undefined) {
        onCarry(Number(under.dataset.cell));
      }
    }
  };
  addEventListener("pointermove", move, listen);
  addEventListener("pointerup", drop, listen);
  addEventListener("pointercancel", drop, listen);
}

function settle(ticket: HTMLElement): void {
  ticket.style.transform = "";
  ticket.style.zIndex = "";
  ticket.style.pointerEvents = "";
}

/** The click that the browser makes of the end of a drag is not a bump. */
function swallowClick(head: HTMLElement): void {
  const swallow = (event: Event) => event.stopImmediatePropagation();
  head.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => head.removeEventListener("click", swallow, { capture: true }), 0);
}
