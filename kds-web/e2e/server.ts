// A real server with the demo restaurant, in a folder of its own, for the browser tests.
// The binary is named by COMANDA_BIN, else the one that cargo built last.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const START_MS = 20_000;

/** Plays a lunch service into a running server: guests order, cooks tap. */
export function lunch(base: string, pace: number, minutes: number): Promise<void> {
  return new Promise((done, failed) => {
    const words = ["lunch", "--url", base, "--pace", `${pace}`, "--minutes", `${minutes}`];
    const child = spawn(binary(), words, { stdio: "ignore" });
    child.on("error", failed);
    child.on("exit", () => done());
  });
}

export interface Server {
  readonly base: string;
  /** Plain HTTP, beside HTTPS or alone. */
  readonly plain: string;
  readonly tableLink: string;
  /** Ends it without a word, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same data and the same port. */
  restart(): Promise<void>;
  /** Freezes it, as a machine that swaps would be, or lets it go on. */
  pause(frozen: boolean): void;
  stop(): Promise<void>;
}

function binary(): string {
  const target = resolve(process.env["CARGO_TARGET_DIR"] ?? join(import.meta.dirname, "../../target"));
  const candidates = [
    process.env["COMANDA_BIN"],
    join(target, "debug/comanda"),
    join(target, "release/comanda"),
  ];
  const found = candidates.find((path) => path !== undefined && existsSync(path));
  if (!found) {
    throw new Error("Build the server first: cargo build --bin comanda");
  }
  return found;
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}

interface Running {
  readonly child: ChildProcess;
  readonly output: string;
}

interface Start {
  readonly folder: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  /** More of what `serve` takes: `--demo-gate seating`. */
  readonly args: readonly string[];
}

function start({ folder, port, settings, args }: Start): Promise<Running> {
  return new Promise((done, failed) => {
    const child = spawn(binary(), ["serve", "--demo", ...args], {
      cwd: folder,
      env: { ...process.env, ...settings, COMANDA_SERVER__LISTEN: `127.0.0.1:${port}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    const late = setTimeout(() => failed(new Error(`The server did not start: ${errors}`)), START_MS);
    child.stderr.on("data", (text: Buffer) => {
      errors += text.toString();
    });
    child.stdout.on("data", (text: Buffer) => {
      output += text.toString();
      if (output.includes("/kitchen/")) {
        clearTimeout(late);
        done({ child, output });
      }
    });
    child.on("exit", () => {
      clearTimeout(late);
      failed(new Error(`The server ended: ${errors}`));
    });
  });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      done();
      return;
    }
    child.on("exit", () => done());
    child.kill(signal);
  });
}

/** A server over HTTPS, by an authority of its own, with plain HTTP beside it. */
export async function serveOverTls(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "comanda-e2e-"));
  execFileSync(binary(), ["tls"], { cwd: folder });
  const plain = `127.0.0.1:${await freePort()}`;
  const settings = { COMANDA_TLS__LOCAL: "true", COMANDA_TLS__PLAIN_LISTEN: plain };
  const server = await begun({ folder, port: await freePort(), settings, args: [] });
  return { ...server, base: server.base.replace("http:", "https:"), plain: `http://${plain}` };
}

export async function serve(settings: Record<string, string> = {}, args: string[] = []): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "comanda-e2e-"));
  return begun({ folder, port: await freePort(), settings, args });
}

async function begun(how: Start): Promise<Server> {
  const { folder } = how;
  let running = await start(how);
  const tableLink = /http:\/\/\S+\/t\/\S+/.exec(running.output)?.[0];
  if (!tableLink) {
    throw new Error(`No link to a table in: ${running.output}`);
  }
  return {
    base: `http://127.0.0.1:${how.port}`,
    plain: `http://127.0.0.1:${how.port}`,
    tableLink,
    kill: () => ended(running.child, "SIGKILL"),
    pause: (frozen) => void running.child.kill(frozen ? "SIGSTOP" : "SIGCONT"),
    restart: async () => {
      await ended(running.child, "SIGKILL");
      running = await start(how);
    },
    stop: async () => {
      await ended(running.child, "SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
