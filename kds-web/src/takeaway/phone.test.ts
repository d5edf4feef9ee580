import { beforeEach, describe, expect, test, vi } from "vitest";
import { SignedOut } from "../wire/link";
import { digitsOf, Phone } from "./phone";

const PHONE = "+34600111222";
const CODE = "123456";

/** What the server does with codes, as docs/PROTOCOL.md has it (H17). */
class Counter {
  asked: { phone: string; consent: boolean; locale: string }[] = [];
  tokens = 0;
  forgotten = false;
  reachable = true;
  limited_s: number | null = null;

  readonly fetch = async (path: string, init: RequestInit): Promise<Response> => {
    if (!this.reachable) throw new TypeError("network");
    const body = init.body === undefined ? null : JSON.parse(String(init.body));
    if (path.endsWith("/codes")) return this.#ask(body);
    if (path.includes("/codes/")) return this.#give(path, body.code);
    if (init.method === "DELETE") {
      this.forgotten = true;
      return new Response(null, { status: 204 });
    }
    return this.forgotten ? problem(401, "revoked") : this.#token();
  };

  #ask(body: Counter["asked"][number]): Response {
    if (this.limited_s !== null) return problem(429, "limited", { "retry-after": String(this.limited_s) });
    this.asked.push(body);
    return Response.json(
      {
        id: `v${this.asked.length}`,
        expires_at: new Date(Date.now() + 300_000).toISOString(),
        again_ms: 30_000,
      },
      { status: 202 },
    );
  }

  #give(path: string, code: string): Response {
    if (!path.endsWith(`v${this.asked.length}`)) return problem(410, "code_ended");
    return code === CODE ? this.#token() : problem(403, "wrong_code");
  }

  #token(): Response {
    this.tokens += 1;
    const expires_at = new Date(Date.now() + 900_000).toISOString();
    return Response.json({
      token: `t${this.tokens}`,
      expires_at,
      restaurant: "r",
      slug: "casa-oliva",
      guest: "g",
    });
  }
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ type: "about:blank", title: code, status, code, detail: "" }, { status, headers });
}

let counter: Counter;
let phone: Phone;
const ask = (typed = "+34 600 111 222") => phone.ask({ phone: typed, way: "sms" }, "en");
const asking = () => phone.asking.value;

beforeEach(() => {
  counter = new Counter();
  vi.stubGlobal("fetch", counter.fetch);
  phone = new Phone("casa-oliva", null);
  return () => vi.unstubAllGlobals();
});

describe("asking for a code", () => {
  test("sends the number as the server takes it, with the consent, and once for a double tap", async () => {
    await Promise.all([ask(), ask()]);
    expect(counter.asked).toEqual([{ phone: PHONE, channel: "sms", locale: "en", consent: true }]);
    expect(asking()).toMatchObject({ is: "code", said: "nothing", reach: { phone: PHONE } });
  });

  test("sends nothing for what is no number", async () => {
    await ask("600 111 222");
    expect(counter.asked).toEqual([]);
    expect(asking()).toEqual({ is: "number", trouble: null });
  });

  test("says how long to wait, and keeps the field of a code that is on its way", async () => {
    counter.limited_s = 40;
    await ask();
    expect(asking()).toMatchObject({ is: "number", trouble: { is: "limit" } });
    counter.limited_s = null;
    await ask();
    counter.limited_s = 40;
    await ask();
    const { value } = phone.asking;
    expect(value).toMatchObject({ is: "code", id: "v1", said: "nothing" });
    expect(value.is === "code" && value.again_at - Date.now()).toBeGreaterThan(39_000);
    counter.reachable = false;
    await ask();
    expect(asking()).toMatchObject({ is: "code", id: "v1", said: "no_answer" });
  });
});

describe("giving it back", () => {
  test("says wrong, ended and no answer, and takes the right one", async () => {
    await ask();
    expect(await phone.give("999999")).toBe(false);
    expect(asking()).toMatchObject({ is: "code", said: "wrong" });
    counter.reachable = false;
    expect(await phone.give(CODE)).toBe(false);
    expect(asking()).toMatchObject({ is: "code", said: "no_answer" });
    counter.reachable = true;
    expect(await phone.give("123 456")).toBe(true);
    expect(phone.verified.value).toMatchObject({ phone: PHONE, way: "sms", guest: { token: "t1" } });
  });

  test("only the newest code counts", async () => {
    await ask();
    counter.asked.push({ phone: PHONE, consent: true, locale: "en" });
    await phone.give(CODE);
    expect(asking()).toMatchObject({ is: "code", said: "ended" });
  });

  test("digits are read from what people paste, Arabic ones too", () => {
    expect(digitsOf(" 123-456 ")).toBe("123456");
    expect(digitsOf("١٢٣٤٥٦")).toBe("123456");
    expect(digitsOf("Your code: 1234567")).toBe("123456");
  });
});

describe("the token", () => {
  test("is renewed once for all who ask when it was refused or is about to end", async () => {
    await ask();
    await phone.give(CODE);
    expect((await phone.token()).token).toBe("t1");
    const [one, two] = await Promise.all([phone.token("t1"), phone.token("t1")]);
    expect([one.token, two.token]).toEqual(["t2", "t2"]);
    vi.useFakeTimers({ now: Date.now() + 890_000 });
    expect((await phone.token()).token).toBe("t3");
    vi.useRealTimers();
  });

  test("a phone that the server does not know any more has to be verified again", async () => {
    await ask();
    await phone.give(CODE);
    counter.forgotten = true;
    await expect(phone.token("t1")).rejects.toBeInstanceOf(SignedOut);
    expect(phone.verified.value).toBeNull();
  });

  test("is forgotten here only when the server has heard it", async () => {
    await ask();
    await phone.give(CODE);
    counter.reachable = false;
    await expect(phone.forget()).rejects.toThrow();
    expect(phone.verified.value).not.toBeNull();
    counter.reachable = true;
    await phone.forget();
    expect([phone.verified.value, counter.forgotten]).toEqual([null, true]);
  });
});
