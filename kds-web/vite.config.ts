// Builds the web app into dist/, with .br and .gz beside each text file, so that the server can send
// them as they are. No preset and no Babel: Vite compiles JSX by itself. Also the settings of vitest.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const HUB = process.env.COMANDA_URL ?? "http://127.0.0.1:8080";
const TEXT = /\.(js|css|html|svg|json|webmanifest)$/;
/** Keeps the folder in a fresh clone: the server embeds it, even when nothing was built. */
const KEEP = "*\n!.gitignore\n";

export default defineConfig({
  plugins: [pack("dist")],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  css: { modules: { localsConvention: "camelCaseOnly" } },
  server: { proxy: { "/api": HUB, "/ws": { target: HUB, ws: true } } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});

function pack(folder: string): Plugin {
  return {
    name: "pack",
    apply: "build",
    closeBundle() {
      writeFileSync(join(folder, ".gitignore"), KEEP);
      for (const file of files(folder).filter((file) => TEXT.test(file))) {
        const text = readFileSync(file);
        const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(`${file}.br`, brotliCompressSync(text, { params: quality }));
        writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
      }
    },
  };
}

function files(folder: string): string[] {
  const paths = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  return paths.flatMap((path) => (statSync(path).isDirectory() ? files(path) : [path]));
}
