/** Folding in one process while another one writes late facts into the very same days. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DAY_MILLIS, type Fact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { openStore, retryBusy } from "../../src/index.ts";
import { call, everyRollup, NOON, temporaryFolder } from "../helpers.ts";

const FOLDER = fileURLToPath(new URL("./fold-until-told.ts", import.meta.url));
const BATCHES = 120;
const LATER = NOON + 10 * DAY_MILLIS;

/** New calls, and better witnesses of earlier ones that take their durations, the longest among them, back. */
function factsOf(batch: number): Fact[] {
  const at = (i: number) => ({
    requestId: `req_${i}`,
    responseId: `msg_${i}`,
    taskId: undefined,
    endedAtMillis: NOON + (i % 3) * DAY_MILLIS + (i % 5) * 900_000,
  });
  const fresh = [0, 1, 2].map((n) => call({ ...at(batch * 3 + n), durationMillis: 1_000 + batch * 10 + n }));
  if (batch < 5) return fresh;
  const corrected = [batch * 3 - 4, batch * 3 - 13].map((i) =>
    call({ ...at(i), witness: "process", usage: undefined, durationMillis: 500 + (i % 7) }),
  );
  return [...fresh, ...corrected];
}

it("loses and doubles nothing, and knows every extreme", { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  const path = join(folder, "metrics.db");
  const child = spawn(process.execPath, [FOLDER, path, String(LATER)], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  await once(child.stdout, "data");
  using store = openStore({ path, busyTimeoutMillis: 5 });
  using reference = openStore({ path: join(folder, "reference.db") });
  for (let batch = 0; batch < BATCHES; batch++) {
    await retryBusy(() => store.write({ facts: factsOf(batch) }), { patienceMillis: 30_000 });
    reference.write({ facts: factsOf(batch) });
    if (batch % 30 === 29) expect(store.checkRollups()).toEqual([]);
  }
  child.stdin.end("stop\n");
  await once(child, "close");
  expect(JSON.parse(output.replace("ready", "")).rounds).toBeGreaterThan(5);
  expect(store.checkRollups()).toEqual([]);
  const databases = [store, reference].map((each) => new Database(each.path, { readonly: true }));
  const [folded, open] = databases.map(everyRollup);
  expect(folded).toEqual(open);
  store.foldRollups(LATER);
  expect(databases.map(everyRollup)).toEqual([open, open]);
  for (const database of databases) database.close();
});
