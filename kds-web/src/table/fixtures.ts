// Made-up menus, orders and seatings for the tests of this folder. Not part of the page.

import type { GuestOrder, Item, Menu, OptionGroup, Restaurant, Seating } from "../wire/types";

const AT = "2026-01-31T19:00:00.000Z";

export const restaurant: Restaurant = {
  id: "r",
  slug: "casa-oliva",
  name: "Casa Oliva",
  timezone: "Europe/Madrid",
  currency: "EUR",
  locales: ["en", "es"],
  settings: {
    gate: "none",
    auto_confirm: true,
    soon_minutes: 10,
    late_minutes: 15,
    unseen_seconds: 15,
    unseen_again_seconds: 30,
    call_again_seconds: 120,
    idle_minutes: 240,
    day_starts_hour: 4,
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
  },
};

export function item(id: string, changes: Partial<Item> = {}): Item {
  return {
    id,
    name: { en: id },
    kitchen_name: null,
    description: {},
    price: 1000,
    allergens: {},
    diets: [],
    preparation_minutes: 10,
    stations: [],
    option_groups: [],
    available: true,
    stock: null,
    version: 1,
    ...changes,
  };
}

export function group(id: string, min: number, max: number, options: readonly string[]): OptionGroup {
  const option = (name: string) => ({
    id: name,
    name: { en: name },
    price: 100,
    available: true,
    allergens: {},
  });
  return { id, name: { en: id }, min, max, options: options.map(option) };
}

export function menu(items: Item[], version = 1): Menu {
  return {
    version,
    restaurant,
    stations: [],
    categories: [{ id: "c", name: { en: "Grill", es: "Parrilla" }, items }],
  };
}

export function seating(changes: Partial<Seating> = {}): Seating {
  return {
    id: "s",
    table: { id: "t", label: "16" },
    version: 1,
    gate: "none",
    released: true,
    guests: [{ id: "me", number: 1, released: false }],
    calls: [],
    opened_at: AT,
    closed_at: null,
    ...changes,
  };
}

export function order(id: string, changes: Partial<GuestOrder> = {}): GuestOrder {
  return {
    id,
    number: 1,
    kind: "dine_in",
    state: "confirmed",
    version: 1,
    table: { id: "t", label: "16" },
    guest: "me",
    held: false,
    note: null,
    allergy: null,
    allergy_confirmed_at: null,
    told_by: null,
    placed_at: AT,
    due_at: AT,
    confirmed_at: AT,
    started_at: null,
    ready_at: null,
    completed_at: null,
    cancelled_at: null,
    cancel_reason: null,
    totals: { subtotal: 1000, service: 0, tax: 91, total: 1000 },
    lines: [],
    ...changes,
  };
}
