/**
 * What a scrape takes: 20,000 lines of the ledger's metrics, read, written down for the reader, rendered and compressed,
 * while nothing happens and while every series moves.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Fact } from "@moai-metrics/model";
import { createUsableStore } from "@moai-metrics/store";
import { createExposition } from "../packages/receiver/src/exposition/exposition.ts";
import { createShownMetrics } from "../packages/receiver/src/exposition/shown-metrics.ts";
import { report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";

const ROUNDS = 15;
const LINES = 20_000 * scaleOfProcess();
/** Of one project, agent and model. */
const LINES_OF_A_CALL = 82;
const MAX_MILLIS = 300;
const MAX_MEGABYTES = 10;

const folder = mkdtempSync(join(tmpdir(), "bench-exposition-"));
const file = createUsableStore({ path: join(folder, "metrics.db") }, () => performance.now());
try {
  await bench();
} finally {
  file.close();
  rmSync(folder, { recursive: true });
}

async function bench(): Promise<void> {
  const exposition = createExposition({ shown: createShownMetrics(file), now: Date.now });
  const groups = Math.ceil(LINES / LINES_OF_A_CALL);
  const write = (round: number): void => {
    file.use((store) => store.write({ facts: Array.from({ length: groups }, (_, i) => callOf(i, round)) }));
  };
  const scrape = async (isCompressed: boolean): Promise<{ readonly millis: number; readonly body: Uint8Array }> => {
    const begunAt = performance.now();
    const request = { number: 0, reader: "scraper", isScrape: true, format: "openmetrics", own: [] } as const;
    const body = await exposition.render({ ...request, isCompressed });
    return { millis: performance.now() - begunAt, body };
  };
  write(0);
  await scrape(false);
  const { body } = await scrape(false);
  const lines = Buffer.from(body)
    .toString()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#")).length;
  const still: number[] = [];
  const moving: number[] = [];
  let compressed = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    still.push((await scrape(true)).millis);
    write(round);
    const moved = await scrape(true);
    moving.push(moved.millis);
    compressed = moved.body.length;
    if (gunzipSync(moved.body).length < body.length) throw new Error("A scrape lost series.");
  }
  const goal = { bound: "under", value: MAX_MILLIS } as const;
  const what = `scrape of ${lines.toLocaleString("en-US")} series`;
  report({ name: `${what}, nothing new`, unit: "ms", values: still, goal });
  report({ name: `${what}, all of them moved`, unit: "ms", values: moving, goal });
  report({
    name: `text of ${what}`,
    unit: "MB",
    values: [body.length / 1e6],
    goal: { bound: "under", value: MAX_MEGABYTES },
  });
  report({ name: `the same, compressed`, unit: "MB", values: [compressed / 1e6] });
}

function callOf(group: number, round: number): Fact {
  return {
    kind: "model_call",
    witness: "transcript",
    product: `product-${Math.floor(group / 190)}`,
    sessionId: `s${group}`,
    requestId: `r${group}-${round}`,
    taskId: `t${group}`,
    model: `model-${group % 190}`,
    endedAtMillis: Date.now(),
    durationMillis: 100 + ((group * 37 + round * 991) % 60_000),
    firstChunkMillis: 50 + ((group * 13 + round * 7) % 2_000),
    usage: { input: 100 + group, cacheRead: 2_000, cacheWrite5m: 30, cacheWrite1h: 0, output: 70, reasoning: 7 },
  };
}
