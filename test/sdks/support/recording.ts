/** A process whose SDKs are patched as they are loaded, with a store to ask afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalName } from "@moai-metrics/model";
import { type MetricsHandle, startMetrics } from "@moai-metrics/sqlite-exporter";
import { openStore, type SeriesPoint, type Store } from "@moai-metrics/store";
import { installHooks } from "../../../packages/instrumentation/src/register/hooks.ts";
import { TELL_KEY } from "../../../packages/instrumentation/src/register/tail.ts";
import { applyPatch } from "../../../packages/instrumentation/src/sdks/apply.ts";

Object.assign(globalThis, { [Symbol.for(TELL_KEY)]: applyPatch });
installHooks();

/** What is known to be true of one call. Counts that are left out are 0; no counts at all: unknown usage. */
export interface TrueCall {
  readonly model: string;
  readonly tokens?: {
    readonly input?: number;
    readonly cacheRead?: number;
    readonly cacheWrite5m?: number;
    readonly cacheWrite1h?: number;
    readonly output?: number;
    readonly reasoning?: number;
  };
  readonly error?: string;
  readonly agent?: string;
}

/** A store in the making. */
export interface Recording {
  readonly storage: string;
  /** Writes everything and opens the store. */
  open(): Promise<Store>;
  stop(): Promise<void>;
}

/** Starts metrics into a store of its own. */
export function startRecording(): Recording {
  const storage = mkdtempSync(join(tmpdir(), "sdk-"));
  const handle: MetricsHandle = startMetrics({ storage, serviceName: "sdk-test", environment: {} });
  let store: Store | undefined;
  return {
    storage,
    open: async () => {
      // A flush gives up after some seconds, which is too early where the machine is busy.
      do await handle.forceFlush();
      while (handle.stats().facts.waiting > 0);
      store ??= openStore({ path: join(storage, "metrics.db") });
      return store;
    },
    stop: async () => {
      store?.close();
      await handle.shutdown();
      rmSync(storage, { recursive: true, force: true });
    },
  };
}

const NOTHING = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };

/** The calls in the ledger, in the form of the truth, in an order that does not hang on time. */
export function callsIn(store: Store): unknown[] {
  const { rows } = store.query.getModelCalls({});
  return sorted(rows.map(({ model, tokens, errorType, agent }) => ({ model, tokens, error: errorType, agent })));
}

/** The truth in the same form. */
export function asRows(calls: readonly TrueCall[]): unknown[] {
  return sorted(
    calls.map(({ model, tokens, error = "", agent = "" }) => ({
      model,
      tokens: tokens === undefined ? undefined : { ...NOTHING, ...tokens },
      error,
      agent,
    })),
  );
}

function sorted(rows: unknown[]): unknown[] {
  return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

type Key = Parameters<typeof canonicalName>[0];

/** What a metric has come to, over all its series: the sum of a counter, the count and sum of a histogram. */
export function metricIn(store: Store, key: Key): number {
  return store.points(canonicalName(key)).reduce((sum, series) => sum + figureOf(series.points.at(-1)), 0);
}

function figureOf(point: SeriesPoint | undefined): number {
  if (point === undefined) return 0;
  return Number(point.value.kind === "number" ? point.value.value : point.value.count);
}
