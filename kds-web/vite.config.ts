// Builds the web app into dist/, with .br and .gz beside each text file, so that the server can send
// them as they are. No preset and no Babel: Vite compiles JSX by itself. Also the settings of vitest.

import { createHash } from "node:crypto";
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
  plugins: [kept(), pack("dist")],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: "index.html", worker: "src/worker/worker.ts", bell: "src/worker/bell.ts" },
      output: { entryFileNames: ({ name }) => (name === "index" ? "assets/[name]-[hash].js" : `${name}.js`) },
    },
  },
  css: { modules: { localsConvention: "camelCaseOnly" } },
  server: { proxy: { "/api": HUB, "/ws": { target: HUB, ws: true } } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});

/** Tells the service worker which files the kitchen page is made of. */
function kept(): Plugin {
  return {
    name: "kept",
    apply: "build",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((made) => made.type === "chunk");
      const named = (suffix: string) => chunks.find((chunk) => chunk.facadeModuleId?.endsWith(suffix));
      const [entry, kitchen, worker] = [named("index.html"), named("kitchen/page.tsx"), named("worker.ts")];
      if (!entry || !kitchen || !worker) {
        throw new Error("The kitchen page, its entry or its worker are not in the bundle.");
      }
      const needed = new Set([entry.fileName]);
      const need = (file: string) => {
        const chunk = bundle[file];
        if (chunk?.type === "chunk" && !needed.has(file)) {
          needed.add(file);
          [...chunk.imports, ...chunk.dynamicImports].forEach(need);
        }
      };
      [kitchen.fileName, ...entry.imports].forEach(need);
      const css = [...needed].flatMap((file) => {
        const chunk = bundle[file];
        return chunk?.type === "chunk" ? [...(chunk.viteMetadata?.importedCss ?? [])] : [];
      });
      const files = [...needed, ...css].map((file) => `/${file}`);
      const all = [...files, "/manifest.webmanifest", "/icon.svg"].sort();
      const build = createHash("sha256").update(all.join(" ")).digest("hex").slice(0, 12);
      worker.code = worker.code
        .replaceAll("__FILES__", JSON.stringify(all))
        .replaceAll("__BUILD__", JSON.stringify(build));
    },
  };
}

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
