// What a touch asks of the server, and what it shows until the answer.

import { expect, test } from "vitest";
import type { Command } from "../wire/types";
import { line, NOW, order, task, ticket } from "./fakes";
import { afterPause, afterTap, baseVersion, bump, recallTicket, tapLine, unbump } from "./taps";
import type { Ticket } from "./ticket";

const grill = new Set(["grill"]);
const tap = (command: Command) => ({ command, made_at: NOW });
const recalls = (of: Ticket) =>
  unbump(of).map((c) => (c.name === "order.recall" ? [c.args.to, c.args.stations, c.args.lines] : c));
const states = (o: ReturnType<typeof order>) => o.lines.map((l) => l.tasks.map((t) => t.state).join("+"));

test("a tap takes a line from queued to started to done, and again to undo", () => {
  let picture = order("A", [line("Rib")]);
  const names: string[] = [];
  for (let i = 0; i < 4; i += 1) {
    const made = ticket(picture, { inSlot: () => true, shown: null });
    const [command] = made.lines[0] ? tapLine(made, made.lines[0], null) : [];
    if (command) {
      names.push(command.name);
      picture = afterTap(
        { ...picture, lines: [...picture.lines, ...(i === 1 ? [line("Corn")] : [])] },
        tap(command),
      );
    }
  }
  expect(names).toEqual(["line.start", "line.done", "line.recall", "line.start"]);
});

test("a line that other stations cook too is touched only at the shown ones", () => {
  const burger = line("Burger", "queued", { tasks: [task("grill"), task("fry"), task("bar", "started")] });
  const made = ticket(order("A", [burger]), { shown: new Set(["grill", "fry"]) });
  const first = made.lines[0];
  const commands = first ? tapLine(made, first, new Set(["grill", "fry"])) : [];
  expect(commands).toEqual([
    { name: "line.start", args: { order: "A", line: "l-Burger", station: "grill" } },
    { name: "line.start", args: { order: "A", line: "l-Burger", station: "fry" } },
  ]);
});

test("a line of the shown stations alone is touched whole", () => {
  const made = ticket(order("A", [line("Rib")]));
  expect(made.lines[0] && tapLine(made, made.lines[0], grill)).toEqual([
    { name: "line.start", args: { order: "A", line: "l-Rib" } },
  ]);
});

test("bump names the stations of this ticket only", () => {
  const both = order("A", [line("Burger", "queued", { tasks: [task("grill"), task("fry")] }), line("Rib")]);
  expect(bump(ticket(both))).toEqual({ name: "order.bump", args: { order: "A", stations: ["grill"] } });
  expect(states(afterTap(both, tap(bump(ticket(both)))))).toEqual(["done+queued", "done"]);
});

test("undo of a bump gives the very picture before it", () => {
  const before = order("A", [
    line("Rib"),
    line("Corn", "started"),
    line("Lamb", "done"),
    line("Bass", "voided"),
    line("Burger", "queued", { tasks: [task("grill", "started"), task("fry")] }),
  ]);
  const made = ticket(before, { shown: null });
  const bumped = afterTap(before, tap(bump(made)));
  expect(states(bumped)).toEqual(["done", "done", "done", "voided", "done+done"]);
  const after = unbump(made).reduce((o, command) => afterTap(o, tap(command)), bumped);
  expect(states(after)).toEqual(states(before));
  expect(recalls(made)).toEqual([
    ["queued", ["grill"], ["l-Rib"]],
    ["queued", ["fry"], ["l-Burger"]],
    ["started", ["grill"], ["l-Corn", "l-Burger"]],
  ]);
});

test("undo of a bump is one command where that says it all", () => {
  const burger = line("Burger", "queued", { tasks: [task("grill"), task("fry")] });
  const chips = line("Chips", "queued", { tasks: [task("fry")] });
  expect(recalls(ticket(order("A", [burger, chips]), { shown: null }))).toEqual([
    ["queued", ["grill", "fry"], ["l-Burger", "l-Chips"]],
  ]);
});

test("recall brings back what the shown stations had done, begun", () => {
  const done = order("A", [line("Burger", "done", { tasks: [task("grill", "done"), task("fry", "done")] })]);
  expect(states(afterTap(done, tap(recallTicket(done, grill))))).toEqual(["started+done"]);
});

test("a tap never touches a voided line", () => {
  const gone = order("A", [line("Corn", "voided"), line("Rib")]);
  expect(states(afterTap(gone, tap({ name: "order.bump", args: { order: "A" } })))).toEqual([
    "voided",
    "done",
  ]);
  const made = ticket(gone);
  expect(made.lines[0] && tapLine(made, made.lines[0], null)).toEqual([]);
});

test("W5 a tap says the version it was made on, but none after an own recall that is under way", () => {
  const picture = order("A", [line("Rib")], { version: 7 });
  const recall = tap({ name: "order.recall", args: { order: "A" } });
  expect(baseVersion(picture, [])).toBe(7);
  expect(baseVersion(picture, [tap({ name: "order.bump", args: { order: "A" } })])).toBe(7);
  expect(baseVersion(picture, [tap({ name: "order.recall", args: { order: "B" } })])).toBe(7);
  expect(baseVersion(picture, [recall])).toBeUndefined();
});

test("the other taps show what they ask for", () => {
  const asked = order("A", [line("Rib")], { allergy: "nuts", state: "pending", confirmed_at: null });
  expect(
    afterTap(asked, tap({ name: "order.confirm_allergy", args: { order: "A" } })).allergy_confirmed_at,
  ).not.toBeNull();
  expect(afterTap(asked, tap({ name: "order.rush", args: { order: "A", rush: true } })).rush).toBe(true);
  expect(afterTap(asked, tap({ name: "order.confirm", args: { order: "A" } })).state).toBe("confirmed");
});

test("a bump leaves what is on hold, and a tap on it fires it", () => {
  const held = line("Lamb", "queued", { held: true });
  const t = ticket(order("A", [line("Rib"), held]));
  const after = afterTap(t.order, { command: bump(t), made_at: NOW });
  expect(after.lines.map((l) => l.tasks[0]?.state)).toEqual(["done", "queued"]);
  const [lamb] = t.lines.filter((l) => l.held);
  const [fire] = lamb ? tapLine(t, lamb, null) : [];
  expect(fire).toMatchObject({ name: "line.fire", args: { order: "A", line: "l-Lamb" } });
  const fired = fire && afterTap(t.order, { command: fire, made_at: NOW });
  expect(fired?.lines[1]?.held).toBe(false);
});

test("a line that moves begins at its new station; one made again is counted", () => {
  const o = order("A", [line("Rib", "started")]);
  const at = { order: "A", line: "l-Rib" };
  const moved = afterTap(o, {
    command: { name: "line.move", args: { ...at, from: "grill", to: "fry" } },
    made_at: NOW,
  });
  expect(moved.lines[0]?.tasks).toMatchObject([{ station: "fry", state: "queued", started_at: null }]);
  const again = afterTap(o, { command: { name: "line.remake", args: at }, made_at: NOW });
  expect(again.lines[0]).toMatchObject({ remakes: 1, tasks: [{ state: "queued" }] });
});

test("a tap closes takeaway at once, and the last one counts", () => {
  const pause = (paused: boolean) => tap({ name: "takeaway.pause", args: { paused } });
  expect([pause(true)].reduce(afterPause, false)).toBe(true);
  expect([pause(true), pause(false)].reduce(afterPause, false)).toBe(false);
});
