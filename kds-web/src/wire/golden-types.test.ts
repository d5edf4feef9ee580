// The samples in tests/golden, which the server's own tests keep byte for byte: the web app's types describe them, and
// there is one of every kind. What the web app's code makes of them is in golden.test.ts.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { named, sample, samples } from "./samples";
import type { CommandMessage, EventMessage, Kind, ServerMessage } from "./types";

const TYPES = resolve(import.meta.dirname, "types");

/** What a sample is, by the beginning of its name; the longest that fits counts. */
const TYPE_OF: Readonly<Record<string, string>> = {
  "client.": "ClientMessage",
  "server.": "ServerMessage",
  "close.": "CloseReason",
  "problem.": "Problem",
  "http.order.request": "Draft",
  "http.order.guest": "GuestOrderAnswer",
  "http.order.takeaway": "GuestOrderAnswer",
  "http.slots": "SlotList",
  "http.codes.request": "CodeRequest",
  "http.codes.asked": "CodeAsked",
  "http.codes.given": "CodeGiven",
  "http.takeaway.answer": "TakeawayGuest",
  "http.order.staff": "StaffOrderAnswer",
  "http.orders.": "OrderList",
  "http.seatings.request": "ScanRequest",
  "http.seatings.answer": "Scanned",
  "http.login.request": "LoginRequest",
  "http.login.answer": "LoggedIn",
  "http.pair.request": "PairRequest",
  "http.pair.answer": "PairingAsked",
  "http.collect.request": "CollectRequest",
  "http.collect.waits": "PairingWaits",
  "http.collect.answer": "LoggedIn",
  "http.screens.request": "ConfirmRequest",
  "http.screens.answer": "Screen",
  "http.screens.list": "ScreenList",
  "http.staff.request": "NewMember",
  "http.staff.answer": "StaffMember",
  "http.staff.list": "StaffList",
  "http.password.request": "NewPassword",
  "http.commands.request": "CommandMessage[]",
  "http.commands.answer": "BatchAnswer[]",
  "http.feed.answer": "FeedAnswer",
  "http.menu": "Menu",
  "http.health": "Health",
  "http.ready.": "Health",
};

function typeOf(name: string): string {
  const fitting = Object.keys(TYPE_OF).filter((prefix) => name.startsWith(prefix));
  const longest = fitting.sort((a, b) => b.length - a.length)[0];
  const type = longest && TYPE_OF[longest];
  if (!type) {
    throw new Error(`of which type is the sample ${name}?`);
  }
  return type;
}

/** One statement for each sample, and for each command's name with its arguments. */
function program(): string {
  const lines = [`import type * as wire from ${JSON.stringify(TYPES)};`];
  for (const [name, json] of samples) {
    lines.push(`export const ${name.replace(/\W/g, "_")}: wire.${typeOf(name)} = ${json};`);
    if (name.startsWith("client.command.")) {
      const { name: command, args } = JSON.parse(json) as CommandMessage;
      const wish = JSON.stringify({ name: command, args });
      lines.push(`export const wish_${command.replace(/\W/g, "_")}: wire.Command = ${wish};`);
    }
  }
  return lines.join("\n");
}

/** The compiler refuses fields that a type does not have, and misses those that it has. */
test("the wire types describe every sample", { timeout: 30_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "comanda-golden-"));
  const file = join(folder, "samples.ts");
  const compilerOptions = {
    noEmit: true,
    strict: true,
    module: "esnext",
    moduleResolution: "bundler",
    types: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  try {
    writeFileSync(file, program());
    expect(complaints(folder)).toBe("");
    writeFileSync(file, `${program()}\nexport const wrong: wire.CloseReason = { code: 1, message: "" };`);
    expect(complaints(folder)).toContain("TS2322");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function complaints(project: string): string {
  const compiler = resolve(import.meta.dirname, "../../node_modules/.bin/tsc");
  try {
    return execFileSync(compiler, ["-p", project], { encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout || String(error);
  }
}

/** Kinds that reach a topic. A kind more or less in the types turns this red for the compiler. */
const TOLD: Readonly<Record<Exclude<Kind, "session.revoked" | "staff.changed">, true>> = {
  "order.placed": true,
  "order.released": true,
  "order.confirmed": true,
  "order.bumped": true,
  "order.recalled": true,
  "order.completed": true,
  "order.cancelled": true,
  "order.rush": true,
  "order.moved": true,
  "order.allergy_confirmed": true,
  "order.reopened": true,
  "takeaway.changed": true,
  "messages.changed": true,
  "line.held": true,
  "line.fired": true,
  "line.moved": true,
  "line.remade": true,
  "line.started": true,
  "line.done": true,
  "line.recalled": true,
  "line.voided": true,
  "orders.seen": true,
  "order.unseen": true,
  "order.told": true,
  "orders.expected": true,
  "seating.opened": true,
  "seating.joined": true,
  "seating.released": true,
  "seating.closed": true,
  "seating.moved": true,
  "seating.called": true,
  "call.coming": true,
  "call.done": true,
  "item.changed": true,
  "table.changed": true,
  "screen.paired": true,
  "screen.changed": true,
  "screen.revoked": true,
};

const OPS: Readonly<Record<ServerMessage["op"], true>> = {
  welcome: true,
  subscribed: true,
  event: true,
  ok: true,
  refused: true,
  not_tried: true,
  beat: true,
  resync: true,
  renewed: true,
  error: true,
};

test("there is a sample of every kind of event and of every message", () => {
  const kinds = named("server.event.").map((name) => sample<EventMessage>(name).kind);
  expect(new Set(kinds)).toEqual(new Set(Object.keys(TOLD)));
  const ops = named("server.").map((name) => sample<ServerMessage>(name).op);
  expect(new Set(ops)).toEqual(new Set(Object.keys(OPS)));
});
