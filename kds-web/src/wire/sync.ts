// One topic's place in the feed: which message may be applied, and when to ask again (W2, W4, W6, L6).
// Pure: takes a state and a message, gives the next state and what to do. Knows no socket, no board.
// Called by hub.ts for every message that names a topic.

import type {
  ClientMessage,
  Cursor,
  EventMessage,
  Head,
  ServerMessage,
  Snapshot,
  Subscribed,
  TopicName,
} from "./types";

/** Beats that may pass while an answer to `subscribe` is due; then it is asked for again. */
const BEATS_WAITED = 3;

export interface Sync {
  readonly topic: TopicName;
  /** Everything up to here was applied; `null` until there was a first snapshot. */
  readonly cursor: Cursor | null;
  readonly phase:
    | { readonly is: "waiting"; readonly beats: number; readonly parts: readonly Subscribed[] }
    | { readonly is: "following" };
}

/** What follows from a message: at most one of a snapshot, an event, or a question to the server. */
export interface Step {
  readonly sync: Sync;
  readonly ask?: ClientMessage;
  readonly snapshot?: Snapshot;
  readonly event?: EventMessage;
}

export function newSync(topic: TopicName): Sync {
  return { topic, cursor: null, phase: { is: "waiting", beats: 0, parts: [] } };
}

/** Asks for everything after the cursor: on a new connection, at a hole, on waking. */
export function subscribe(sync: Sync): Step {
  const after = sync.cursor ? { after: sync.cursor } : {};
  return {
    sync: { ...sync, phase: { is: "waiting", beats: 0, parts: [] } },
    ask: { op: "subscribe", topic: sync.topic, ...after },
  };
}

/** Asks for a fresh snapshot. What is shown stays until it is here as a whole. */
export function startOver(sync: Sync): Step {
  return subscribe({ ...sync, cursor: null });
}

/** Takes a message from the server. Messages that are not about this topic change nothing. */
export function step(sync: Sync, message: ServerMessage): Step {
  switch (message.op) {
    case "subscribed":
      return message.topic === sync.topic ? onSubscribed(sync, message) : { sync };
    case "event":
      return message.topic === sync.topic ? onEvent(sync, message) : { sync };
    case "resync":
      return message.topic === sync.topic ? startOver(sync) : { sync };
    case "beat": {
      const head = message.topics[sync.topic];
      return head ? onBeat(sync, head) : { sync };
    }
    default:
      return { sync };
  }
}

function onSubscribed(sync: Sync, message: Subscribed): Step {
  if (message.snapshot) {
    return onPart(sync, message);
  }
  const seq = sync.cursor?.epoch === message.epoch ? Math.max(sync.cursor.seq, message.seq) : message.seq;
  return { sync: { ...sync, cursor: { epoch: message.epoch, seq }, phase: { is: "following" } } };
}

/** Parts are kept apart until the last one is here (L6). */
function onPart(sync: Sync, message: Subscribed): Step {
  const { part = 1, parts = 1, epoch, seq } = message;
  const before = sync.phase.is === "waiting" && part > 1 ? sync.phase.parts : [];
  const fits = before.length === part - 1 && before.every((p) => p.epoch === epoch && p.seq === seq);
  if (!fits) {
    return startOver(sync);
  }
  const held = [...before, message];
  if (part < parts) {
    return { sync: { ...sync, phase: { is: "waiting", beats: 0, parts: held } } };
  }
  const snapshot = joined(held.flatMap((p) => (p.snapshot ? [p.snapshot] : [])));
  return {
    sync: { ...sync, cursor: { epoch, seq }, phase: { is: "following" } },
    ...(snapshot && { snapshot }),
  };
}

/** Every part carries the same fields and its own share of the orders. */
function joined(parts: readonly Snapshot[]): Snapshot | undefined {
  const first = parts[0];
  return first && ({ ...first, orders: parts.flatMap((part) => part.orders as unknown[]) } as Snapshot);
}

function onEvent(sync: Sync, message: EventMessage): Step {
  // While an answer is due, live events are its business: all after the cursor follow the answer.
  if (sync.phase.is === "waiting" || !sync.cursor || message.seq <= sync.cursor.seq) {
    return { sync };
  }
  if (message.prev > sync.cursor.seq) {
    return subscribe(sync);
  }
  return { sync: { ...sync, cursor: { ...sync.cursor, seq: message.seq } }, event: message };
}

function onBeat(sync: Sync, head: Head): Step {
  const { cursor, phase } = sync;
  if (phase.is === "waiting") {
    const beats = phase.beats + 1;
    return beats < BEATS_WAITED ? { sync: { ...sync, phase: { ...phase, beats } } } : subscribe(sync);
  }
  if (!cursor || head.upto.epoch !== cursor.epoch) {
    return startOver(sync);
  }
  if (head.last > cursor.seq) {
    return subscribe(sync);
  }
  return { sync: { ...sync, cursor: { ...cursor, seq: Math.max(cursor.seq, head.upto.seq) } } };
}
