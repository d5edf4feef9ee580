// The thin HTTP door (DESIGN §7): one call with a deadline that speaks JSON and turns problem documents
// (RFC 9457) into `ApiProblem`. Holds no token and no state. Called by staff.ts and by the pages.

import { newId } from "./ids";
import type {
  ConfirmRequest,
  LoggedIn,
  LoginRequest,
  Menu,
  Order,
  PairingAsked,
  Problem,
  Screen,
  ScreenList,
} from "./types";

const CALL_MS = 10_000;

/** The server answered, and the answer is no. `problem.code` says which no. */
export class ApiProblem extends Error {
  readonly problem: Problem;
  /** Seconds to wait, when the server said so. */
  readonly retry_after_s: number | null;

  constructor(problem: Problem, retry_after_s: number | null) {
    super(problem.detail || problem.title);
    this.problem = problem;
    this.retry_after_s = retry_after_s;
  }
}

/** No answer: no network, no server, or too late. Whether the call took effect is not known. */
export class Unreachable extends Error {}

export interface Call {
  /** A `Blob` goes as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly deadline_ms?: number;
  readonly signal?: AbortSignal;
  /** Statuses beside 2xx whose body is an answer and no problem. */
  readonly answers?: readonly number[];
}

export interface Answer<T> {
  readonly status: number;
  /** `undefined` when there is none: 204, 304. */
  readonly body: T | undefined;
  readonly headers: Headers;
}

/** Calls the server. Throws `ApiProblem` or `Unreachable`, nothing else. */
export async function call<T>(method: string, path: string, options: Call = {}): Promise<Answer<T>> {
  const answer = await sent(method, path, options);
  const good = answer.ok || answer.status === 304 || isAnswer(answer, options.answers);
  if (!good) {
    throw new ApiProblem(await problemOf(answer), retryAfter(answer));
  }
  const empty = answer.status === 204 || answer.status === 304;
  try {
    const body = empty ? undefined : ((await answer.json()) as T);
    return { status: answer.status, body, headers: answer.headers };
  } catch (error) {
    throw new Unreachable("The answer broke off.", { cause: error });
  }
}

/** A 503 of the batch has its answers; one of something between us and the server is a problem. */
function isAnswer(answer: Response, statuses: readonly number[] = []): boolean {
  const json = answer.headers.get("content-type")?.startsWith("application/json") ?? false;
  return statuses.includes(answer.status) && json;
}

async function sent(method: string, path: string, options: Call): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json", ...options.headers };
  if (options.token) {
    headers.authorization = `Bearer ${options.token}`;
  }
  const { body } = options;
  const raw = body instanceof Blob ? body : undefined;
  if (body !== undefined) {
    headers["content-type"] = raw?.type || "application/json";
  }
  const cancel = new AbortController();
  const timer = setTimeout(() => cancel.abort(), options.deadline_ms ?? CALL_MS);
  options.signal?.addEventListener("abort", () => cancel.abort(), { once: true });
  try {
    return await fetch(path, {
      method,
      headers,
      signal: cancel.signal,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: raw ?? JSON.stringify(body) }),
    });
  } catch (error) {
    throw new Unreachable("No answer from the server.", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** The problem document, or one made from the status when something between us and the server spoke. */
async function problemOf(answer: Response): Promise<Problem> {
  const plain: Problem = {
    type: "about:blank",
    title: answer.statusText || `Status ${answer.status}`,
    status: answer.status,
    code: `http_${answer.status}`,
    detail: "",
  };
  try {
    const body = (await answer.json()) as Partial<Problem>;
    return typeof body.code === "string" ? { ...plain, ...body } : plain;
  } catch {
    return plain;
  }
}

function retryAfter(answer: Response): number | null {
  const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : null;
}

async function bodyOf<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { body } = await answer;
  if (body === undefined) {
    throw new Unreachable("The answer has no body.");
  }
  return body;
}

export function login(request: LoginRequest): Promise<LoggedIn> {
  return bodyOf(call<LoggedIn>("POST", "/api/auth/login", { body: request }));
}

/** Uses the HttpOnly cookie; 401 when there is none or it is spent. */
export function refresh(): Promise<LoggedIn> {
  return bodyOf(call<LoggedIn>("POST", "/api/auth/refresh"));
}

export async function logout(token?: string): Promise<void> {
  await call("POST", "/api/auth/logout", token ? { token } : {});
}

/** A screen asks for a code to show (H13). */
export function askPairing(restaurant: string): Promise<PairingAsked> {
  return bodyOf(call<PairingAsked>("POST", "/api/auth/pair", { body: { restaurant } }));
}

/** The screen's login once a manager has typed its code, `null` before. */
export async function collectPairing(restaurant: string, claim: string): Promise<LoggedIn | null> {
  const answer = await call<LoggedIn>("POST", "/api/auth/pair/collect", { body: { restaurant, claim } });
  return answer.status === 202 ? null : (answer.body ?? null);
}

/** A manager's: the screens that are paired. */
export function screensOf(token: string): Promise<ScreenList> {
  return bodyOf(call<ScreenList>("GET", "/api/screens", { token }));
}

/** A manager has read a screen's code. */
export function confirmScreen(token: string, body: ConfirmRequest): Promise<Screen> {
  const headers = { "idempotency-key": newId() };
  return bodyOf(call<Screen>("POST", "/api/screens", { token, body, headers }));
}

/** A page of orders, newest first: for staff. */
export interface OrderPage {
  readonly orders: readonly Order[];
  /** There are more. */
  readonly next?: string;
}

/** `before` is the `next` of the page before; without it, the newest. */
export function ordersBefore(token: string, before?: string | null): Promise<OrderPage> {
  const query = before ? `?before=${encodeURIComponent(before)}` : "";
  return bodyOf(call<OrderPage>("GET", `/api/orders${query}`, { token }));
}

export interface TaggedMenu {
  readonly menu: Menu;
  readonly etag: string | null;
}

/** The menu, or `have` itself when it is still the newest. */
export async function menu(slug: string, have?: TaggedMenu): Promise<TaggedMenu> {
  const headers: Record<string, string> = have?.etag ? { "if-none-match": have.etag } : {};
  const path = `/api/restaurants/${encodeURIComponent(slug)}/menu`;
  const answer = await call<Menu>("GET", path, { headers });
  if (answer.body === undefined) {
    if (have) {
      return have;
    }
    throw new Unreachable("The menu did not come.");
  }
  return { menu: answer.body, etag: answer.headers.get("etag") };
}
