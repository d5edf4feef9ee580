// One tap must not cost all tickets: what did not change stays the very same object.

import { expect, test } from "vitest";
import { line, look, order } from "./fakes";
import { Hanging } from "./hang";
import type { Room } from "./sizes";

const room: Room = { columns: 3, rows: 2, cell_rem: 29, column_rem: 16 };
const speech = { lineWords: () => ({ dish: "Rib", options: [] }) };
const a = order("A", [line("Rib")]);
const b = order("B", [line("Rib")]);
const ground = [{}];
const moment = (rest = {}) => ({ ...look(), ground, unsentOf: () => "", ...rest });

test("only the ticket of the order that changed is made again", () => {
  const hanging = new Hanging();
  const [first, second] = hanging.tickets([a, b], moment());
  const [again, other] = hanging.tickets([a, { ...b, version: 2 }], moment());
  expect(again).toBe(first);
  expect(other).not.toBe(second);
});

test("another ground, a slot, or a tap that waits makes it again", () => {
  const hanging = new Hanging();
  const [first] = hanging.tickets([a], moment());
  const changes = [{ ground: [{}] }, { inSlot: () => true }, { unsentOf: () => "A/l-Rib" }];
  for (const change of changes) {
    expect(hanging.tickets([a], moment())[0]).not.toBe(hanging.tickets([a], moment(change))[0]);
  }
  expect(hanging.tickets([a], moment())[0]).toEqual(first);
});

test("pieces are cut again only for another room or other words", () => {
  const hanging = new Hanging();
  const [ticket] = hanging.tickets([a], moment());
  if (!ticket) {
    throw new Error("A has a ticket");
  }
  const cuts = hanging.cuts(ticket, room, speech);
  expect(hanging.cuts(ticket, room, speech)).toBe(cuts);
  expect(hanging.cuts(ticket, { ...room }, speech)).not.toBe(cuts);
  expect(hanging.cuts(ticket, room, { ...speech })).not.toBe(cuts);
});
