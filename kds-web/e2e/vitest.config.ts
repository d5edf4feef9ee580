import { defineConfig } from "vitest/config";

// Real pages in a real browser against a real server: two files at once, each with both of its own, with patience.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    cache: false,
    include: ["*.test.ts"],
    environment: "node",
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // A browser on a busy machine: what fails runs once more, and is reported as a retry.
    retry: 1,
  },
});
