/** A process for the tests of costing anew: prints each step that it did, and is killed in one of the first ten. */
import { writeSync } from "node:fs";
import { openStore } from "../../src/index.ts";

const [path = ""] = process.argv.slice(2);
const never = new Int32Array(new SharedArrayBuffer(4));
using store = openStore({
  path,
  busyTimeoutMillis: 20_000,
  prices: [{ model: "house-model", inputUsd: 1, outputUsd: 2 }],
});
let steps = 0;
await store.reprice({
  calls: "all",
  onProgress: ({ callsDone }) => {
    writeSync(1, `${callsDone}\n`);
    steps += 1;
    if (steps === 10) Atomics.wait(never, 0, 0);
  },
});
