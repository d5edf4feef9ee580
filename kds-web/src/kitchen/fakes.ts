// For tests only: orders and lines with little to write.

import { AT } from "../wire/fakes";
import type {
  Line,
  Menu,
  Order,
  Restaurant,
  Settings,
  Snapshot,
  Station,
  Task,
  TaskState,
} from "../wire/types";
import { type Look, type Ticket, ticketOf } from "./ticket";

export const NOW = Date.parse(AT);
export const inMinutes = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

export const settings: Settings = {
  gate: "seating",
  auto_confirm: true,
  soon_minutes: 10,
  late_minutes: 15,
  unseen_seconds: 30,
  unseen_again_seconds: 60,
  call_again_seconds: 120,
  idle_minutes: 240,
  day_starts_hour: 5,
  charges: { tax_basis_points: 1000, tax_included: true, service_basis_points: 0 },
  hours: [],
  closings: [],
  takeaway: { on: false, orders_per_slot: 6, make_minutes_per_slot: 0, lead_minutes: 15, days_ahead: 2 },
  messages: {
    received: false,
    accepted: true,
    ready: true,
    cancelled: true,
    channels: { whatsapp: true, sms: true, email: true, push: true },
  },
};

export const restaurant: Restaurant = {
  id: "r",
  slug: "demo",
  name: "La Brasa",
  timezone: "Europe/Madrid",
  currency: "EUR",
  locales: ["en"],
  settings,
};

export const stations: Station[] = [
  { id: "fry", name: { en: "Fry", es: "Fritos" }, position: 2 },
  { id: "grill", name: { en: "Grill", es: "Parrilla" }, position: 1 },
];

export function task(station: string, state: TaskState = "queued"): Task {
  const begun = state === "started" || state === "done";
  return {
    station,
    state,
    started_at: begun ? inMinutes(-5) : null,
    done_at: state === "done" ? inMinutes(-1) : null,
  };
}

/** `line("Ribeye", "started")` is cooked at the grill; other tasks can be named. */
export function line(name: string, state: TaskState = "queued", rest: Partial<Line> = {}): Line {
  return {
    id: `l-${name}`,
    item: `i-${name}`,
    name: { en: name },
    kitchen_name: null,
    quantity: 1,
    options: [],
    note: null,
    unit_price: 1000,
    changed: 0,
    void_reason: state === "voided" ? "changed their mind" : null,
    tasks: [task("grill", state)],
    ...rest,
  };
}

export function order(id: string, lines: Line[], rest: Partial<Order> = {}): Order {
  return {
    id,
    number: 1,
    kind: "dine_in",
    state: "confirmed",
    version: 1,
    table: { id: `t-${id}`, label: id },
    seating: null,
    guest: null,
    placed_by: { kind: "staff", user: "u", name: "Marta" },
    held: false,
    note: null,
    allergy: null,
    allergy_confirmed_at: null,
    rush: false,
    told_by: null,
    placed_at: inMinutes(-3),
    due_at: inMinutes(9),
    confirmed_at: inMinutes(-3),
    started_at: null,
    ready_at: null,
    completed_at: null,
    cancelled_at: null,
    cancel_reason: null,
    totals: { subtotal: 0, service: 0, tax: 0, total: 0 },
    charges: settings.charges,
    lines,
    ...rest,
  };
}

export function look(rest: Partial<Look> = {}): Look {
  return {
    shown: new Set(["grill"]),
    pass: false,
    stations: ["grill", "fry"],
    settings,
    now_ms: NOW,
    inSlot: () => false,
    acknowledged: () => false,
    unsent: () => false,
    ...rest,
  };
}

export function ticket(of: Order, rest: Partial<Look> = {}): Ticket {
  const made = ticketOf(of, look(rest));
  if (!made) {
    throw new Error(`${of.id} has no ticket`);
  }
  return made;
}

export function snapshot(...orders: Order[]): Snapshot & { of: "kitchen" } {
  return { of: "kitchen", restaurant, stations, orders };
}

export function menuOf(...names: string[]): Menu {
  const item = (name: string) => ({
    id: `i-${name}`,
    name: { en: name },
    kitchen_name: null,
    description: {},
    price: 1000,
    allergens: {},
    diets: [],
    preparation_minutes: 12,
    stations: ["grill"],
    option_groups: [],
    available: true,
    stock: null,
    version: 1,
  });
  return {
    version: 1,
    restaurant,
    stations,
    categories: [{ id: "c", name: { en: "Mains" }, items: names.map(item) }],
  };
}
