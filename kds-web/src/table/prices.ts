// Money on the table page: what a dish and an order cost, and how a price is written.
// The sums repeat the server's (src/domain/money.rs) so that the total a guest sees is the total the
// server expects. Integers in minor units only; knows no menu, cart or view. Called by cart and views.

import type { Charges, Totals } from "../wire/types";

/** `amount * part / whole`, rounded half away from zero. Exact while the product is below 2^53. */
export function share(amount: number, part: number, whole: number): number {
  if (whole === 0) return 0;
  const product = amount * part;
  const raised = Math.abs(product) + Math.floor(whole / 2);
  const size = (raised - (raised % whole)) / whole;
  return product < 0 && size !== 0 ? -size : size;
}

/** The sums over what the lines cost. */
export function totalsOf(linePrices: Iterable<number>, charges: Charges): Totals {
  let subtotal = 0;
  for (const price of linePrices) subtotal += price;
  const service = share(subtotal, charges.service_basis_points, 10_000);
  const base = subtotal + service;
  const rate = charges.tax_basis_points;
  if (charges.tax_included) return { subtotal, service, tax: share(base, rate, 10_000 + rate), total: base };
  const tax = share(base, rate, 10_000);
  return { subtotal, service, tax, total: base + tax };
}

/** One portion with its options; options that take off more than the dish costs make it free. */
export function unitPrice(price: number, options: Iterable<{ price: number }>): number {
  let sum = price;
  for (const option of options) sum += option.price;
  return Math.max(0, sum);
}

/** Writes amounts of one currency in one language. */
export interface Money {
  /** `€14.50` */
  of(minorUnits: number): string;
  /** `+ €2.00`, `− €1.00`; nothing for an option that costs nothing. */
  more(minorUnits: number): string;
}

export function moneyIn(currency: string, language: string): Money {
  // Digits stay Latin in every language, as the clocks and the printed menu have them.
  const format = new Intl.NumberFormat(`${language}-u-nu-latn`, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  });
  const scale = 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
  const of = (minorUnits: number) => format.format(minorUnits / scale);
  const more = (minorUnits: number) => {
    if (minorUnits === 0) return "";
    return `${minorUnits > 0 ? "+" : "−"} ${of(Math.abs(minorUnits))}`;
  };
  return { of, more };
}
