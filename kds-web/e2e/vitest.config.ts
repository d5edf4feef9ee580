import { defineConfig } from "vitest/config";

// Real pages in a real browser against a real server: one after the other, with patience.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    cache: false,
    include: ["*.test.ts"],
    environment: "node",
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    // A browser on a busy machine: what fails runs once more, and is reported as a retry.
    retry: 1,
  },
});
