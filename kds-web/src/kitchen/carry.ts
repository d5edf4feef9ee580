// Carrying a ticket to another slot with a finger: the head is dragged, and let go over a cell. A short
// press stays a tap. Called by the ticket's head on `pointerdown`; keys do the same with shift and arrows.

/** A finger that moved less than this has tapped. */
const DRAG_PX = 24;

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
