import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Each package stands for itself: a well tested one does not lift another. */
const perPackage = Object.fromEntries(
  readdirSync("packages").map((name) => [`packages/${name}/src/**`, { lines: 90, branches: 90 }]),
);

export default defineConfig({
  test: {
    pool: "forks",
    // On two cores the default is one at a time, though most tests wait for programs that they started.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    env: { TZ: "UTC" },
    setupFiles: ["./test/support/name-native-copies.ts"],
    // Node strips types with WebAssembly. Where a thread does that too, V8 may free code in one thread while another
    // publishes it, each with the lock that the other one waits for (seen once with Node 24.21, in gdb).
    execArgv: [
      "--no-wasm-tier-up",
      "--wasm-wrapper-tiering-budget=2147483647",
      // Of stripTypeScriptTypes, which the set-up file calls.
      "--disable-warning=ExperimentalWarning",
    ],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      // Written by a generator (docs/receiver.md).
      exclude: ["packages/receiver/src/otlp/generated/**"],
      reporter: [["text", { skipFull: true }]],
      // One failed test must not hide a package that is covered too little.
      reportOnFailure: true,
      thresholds: perPackage,
    },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/test/**/*.test.ts", "test/*.test.ts", "test/{real,sdks}/*.test.ts"],
        },
      },
      {
        extends: true,
        // Runs Collector, daemon and Prometheus together, and what the Dockerfile says.
        test: { name: "stack", include: ["test/stack/*.test.ts"], testTimeout: 120_000, hookTimeout: 300_000 },
      },
      {
        extends: true,
        // Builds, packs and installs what would be published: slow, and it asks the registry.
        test: { name: "packed", include: ["test/packed/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 },
      },
    ],
  },
});
