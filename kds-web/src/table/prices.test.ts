import { describe, expect, test } from "vitest";
import { moneyIn, share, totalsOf, unitPrice } from "./prices";

/** The server's arithmetic (src/domain/money.rs), in integers of any size. */
function exact(amount: number, part: number, whole: number): number {
  const product = BigInt(amount) * BigInt(part);
  const half = BigInt(whole) / 2n;
  return Number((product >= 0n ? product + half : product - half) / BigInt(whole));
}

describe("share", () => {
  test("rounds half away from zero", () => {
    expect(share(5, 1, 10)).toBe(1);
    expect(share(-5, 1, 10)).toBe(-1);
    expect(share(4, 1, 10)).toBe(0);
    expect(share(100, 1, 0)).toBe(0);
  });

  test("equals the server's for every amount and rate", () => {
    let seed = 7;
    const roll = (most: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % most;
    };
    for (let n = 0; n < 5000; n += 1) {
      const [amount, rate] = [roll(10_000_000) - 5_000_000, roll(4_000)];
      expect(share(amount, rate, 10_000)).toBe(exact(amount, rate, 10_000));
      expect(share(amount, rate, 10_000 + rate)).toBe(exact(amount, rate, 10_000 + rate));
    }
  });
});

test("included tax is taken out, excluded tax is added, service comes first", () => {
  const charges = { tax_basis_points: 1000, tax_included: true, service_basis_points: 0 };
  expect(totalsOf([4800], charges)).toEqual({ subtotal: 4800, service: 0, tax: 436, total: 4800 });
  const added = { tax_basis_points: 1000, tax_included: false, service_basis_points: 500 };
  expect(totalsOf([4000, 800], added)).toEqual({ subtotal: 4800, service: 240, tax: 504, total: 5544 });
});

test("options that take off more than the dish costs make it free", () => {
  expect(unitPrice(300, [{ price: 150 }, { price: -50 }])).toBe(400);
  expect(unitPrice(300, [{ price: -500 }])).toBe(0);
});

test("amounts are written with the currency's own digits", () => {
  expect(moneyIn("EUR", "en").of(1450)).toBe("€14.50");
  expect(moneyIn("JPY", "en").of(1450)).toBe("¥1,450");
  expect(moneyIn("KWD", "en").of(1450)).toContain("1.450");
  expect(moneyIn("EUR", "en").more(200)).toBe("+ €2.00");
  expect(moneyIn("EUR", "en").more(-100)).toBe("− €1.00");
  expect(moneyIn("EUR", "en").more(0)).toBe("");
});
