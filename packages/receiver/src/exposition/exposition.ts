/** What a scraper is shown: the catalogue's metrics from the ledger, and the receiver's own. */
import { gzipSync } from "node:zlib";
import { type ExposedMetric, renderExposition } from "@moai-metrics/report";
import type { ForwardCounters } from "@moai-metrics/sqlite-exporter/forward";
import { type ExposedAnswer, StoreError } from "@moai-metrics/store";
import { counter, gauge } from "../http/own-metrics.ts";
import type { ExpositionRequest } from "./messages.ts";
import type { ShownMetrics } from "./shown-metrics.ts";

/** Makes texts. */
export interface Exposition {
  /** The text in UTF-8, compressed if that was asked for. Its bytes are the caller's. */
  render(request: ExpositionRequest): Promise<Uint8Array<ArrayBuffer>>;
  /** The reader was sent what was rendered for it last. Until then what is new is shown to it as 0. */
  confirm(reader: string): Promise<void>;
}

/** What an exposition works with. */
export interface ExpositionOptions {
  readonly shown: ShownMetrics;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What became of pushes, if there are any. */
  readonly pushes?: (() => ForwardCounters | undefined) | undefined;
}

/** Fast enough for a scrape, and still a tenth of the size. */
const COMPRESSION = { level: 1 };

/** While the file cannot be used, the receiver's own metrics are shown alone, and say so. */
export function createExposition({ shown, now, pushes }: ExpositionOptions): Exposition {
  const startMillis = now();
  const heldBefore = new Map<string, ReadonlySet<string>>();
  let corrections = 0;
  let dropped: Readonly<Record<string, number>> = {};

  const expose = async (request: ExpositionRequest): Promise<ExposedAnswer | undefined> => {
    const question = { reader: request.reader, delivery: request.isScrape ? "sent" : "looked_at" } as const;
    try {
      return await shown.expose(question);
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  };

  const noteHeld = (reader: string, held: readonly string[]): void => {
    const before = heldBefore.get(reader);
    corrections += held.filter((key) => before?.has(key) !== true).length;
    heldBefore.set(reader, new Set(held));
  };

  const about = (answer: ExposedAnswer | undefined): ExposedMetric[] => [
    gauge("moai.exposition.readable", "{file}", "Whether the ledger's metrics could be read.", answer ? 1 : 0),
    gauge(
      "moai.exposition.series.held",
      "{series}",
      "Series that are shown higher than the facts say, until they catch up.",
      answer?.held.length ?? 0,
    ),
    gauge(
      "moai.exposition.series.behind",
      "{series}",
      "Series that are shown lower than the facts say, as long as others of their metric are held.",
      answer?.behind ?? 0,
    ),
    gauge(
      "moai.exposition.series.overflowing",
      "{series}",
      "Series that share one because they are too many.",
      answer?.overflowing ?? 0,
    ),
    gauge(
      "moai.exposition.values.overflowing",
      "{value}",
      "Values of labels that share __overflow__ because they are too many.",
      answer?.overflowingValues ?? 0,
    ),
    counter(
      "moai.exposition.corrections",
      "{correction}",
      "Times that the facts fell behind what had been shown.",
      startMillis,
      [[{}, corrections]],
    ),
    counter(
      "moai.exposition.series.dropped",
      "{series}",
      "Series that no scraper would accept.",
      startMillis,
      Object.entries(dropped).map(([reason, count]) => [{ reason }, count]),
    ),
  ];

  const aboutPushes = (): ExposedMetric[] => {
    const counters = pushes?.();
    if (counters === undefined) return [];
    const { lastSuccessMillis = 0 } = counters;
    const outcomes = Object.entries(counters.pushes).map(([outcome, count]) => [{ outcome }, count] as const);
    return [
      counter("moai.forward.pushes", "{push}", "Pushes to the backend by outcome.", startMillis, outcomes),
      gauge(
        "moai.forward.last_success",
        "s",
        "When a push last succeeded, since the Unix epoch; 0: never.",
        lastSuccessMillis / 1000,
      ),
    ];
  };

  return {
    render: async (request) => {
      const answer = await expose(request);
      if (answer !== undefined && request.isScrape) noteHeld(request.reader, answer.held);
      const metrics = [...(answer?.metrics ?? []), ...request.own, ...about(answer), ...aboutPushes()];
      const exposition = renderExposition(metrics, request.format);
      dropped = addCounts(dropped, exposition.dropped);
      const { text } = exposition;
      return new Uint8Array(request.isCompressed ? gzipSync(text, COMPRESSION) : Buffer.from(text));
    },
    confirm: async (reader) => {
      try {
        await shown.confirm(reader);
      } catch (error) {
        // Shown as 0 once more: a scrape later than it could be.
        if (!(error instanceof StoreError)) throw error;
      }
    },
  };
}

function addCounts(
  to: Readonly<Record<string, number>>,
  added: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sums = { ...to };
  for (const [name, count] of Object.entries(added)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
