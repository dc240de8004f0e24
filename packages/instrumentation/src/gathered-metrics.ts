/**
 * Metrics that are recorded many at a time. Between two calls of a model a processor forgets the code that records: a
 * value alone costs several times what it costs among others.
 */
import { type MeterProvider, metrics } from "@opentelemetry/api";
import { recordSums } from "./instruments.ts";
import { LIBRARY_NAME, LIBRARY_VERSION } from "./library.ts";
import { guarded, registry } from "./registry.ts";

/** Many are quick, and few enough that the application does not notice the pause. */
const MAX_WAITING = 128;
/** More keys than that come only with many odd names. */
const MAX_KEYS = 1000;

/**
 * Records metrics, at once or together with what comes later, but before they are collected, and in the order of the calls.
 *
 * @param kind the same values only for what touches the same series. The first of a kind since the last collection is
 *   recorded at once: its time is the start of the data points.
 */
export function recordInCompany(kind: Kind, record: () => void): void {
  if (registry.gathering === undefined) record();
  else registry.gathering.add(keyOf(kind), record);
}

type Kind = readonly (string | number | boolean | undefined)[];

/** Making a text and hashing it costs more than finding one that was made before. Few kinds take turns. */
const MAX_KEPT_KEYS = 16;
const keptKeys: { readonly kind: Kind; readonly key: string }[] = [];
let nextPlace = 0;

/** A text that says the same. */
function keyOf(kind: Kind): string {
  for (const kept of keptKeys) if (isSame(kept.kind, kind)) return kept.key;
  const key = JSON.stringify(kind);
  keptKeys[nextPlace] = { kind, key };
  nextPlace = (nextPlace + 1) % MAX_KEPT_KEYS;
  return key;
}

function isSame(a: Kind, b: Kind): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * From now on metrics are recorded many at a time, and whenever a reader of `provider` collects. Only for a provider
 * whose views look at no context, and as long as it is the registered one.
 *
 * @returns a function that records what waits and ends it.
 */
export function gatherMetrics(provider: MeterProvider): () => void {
  const begun = new Set<string>();
  let waiting: (() => void)[] = [];

  const recordAll = (): void => {
    const all = waiting;
    waiting = [];
    recordSums(() => {
      for (const record of all) guarded(record);
    });
  };

  /** What comes next begins anew. */
  const settle = (): void => {
    recordAll();
    begun.clear();
  };

  const gathering = {
    add(key: string, record: () => void): void {
      if (begun.has(key) && metrics.getMeterProvider() === provider) {
        if (waiting.push(record) >= MAX_WAITING) recordAll();
        return;
      }
      recordAll();
      if (begun.size >= MAX_KEYS) begun.clear();
      begun.add(key);
      record();
    },
    settle,
  };

  // Of all instruments, readers ask the observable ones first. This one never answers, so it is no metric.
  const meter = provider.getMeter(LIBRARY_NAME, LIBRARY_VERSION);
  const question = meter.createObservableGauge("moai.collection");
  meter.addBatchObservableCallback(settle, [question]);
  registry.gathering = gathering;
  return () => {
    recordAll();
    meter.removeBatchObservableCallback(settle, [question]);
    if (registry.gathering === gathering) registry.gathering = undefined;
  };
}
