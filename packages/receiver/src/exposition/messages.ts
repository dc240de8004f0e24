/** What travels between the thread that listens and the thread that shows metrics. */
import type { ExposedMetric } from "@moai-metrics/report";
import type { Environment } from "@moai-metrics/settings";
import type { ForwardTarget } from "@moai-metrics/sqlite-exporter/forward";
import type { ExpositionChoice } from "../http/negotiate.ts";

/** What the thread is told when it starts. */
export interface ExpositionPlace {
  readonly storage: string;
  readonly environment: Environment;
  /** Whose days budgets are about. */
  readonly timeZone: string;
  /** Where metrics are pushed, too; nowhere when absent. */
  readonly forward?: ForwardTarget | undefined;
}

/** A scrape. */
export interface ExpositionRequest extends ExpositionChoice {
  readonly number: number;
  /** Whose counters are shown. */
  readonly reader: string;
  /** Whether the reader keeps what it is shown; else it only looks, and its counters stay as they are. */
  readonly isScrape: boolean;
  /** The receiver's own metrics, which stand beside those of the ledger. */
  readonly own: readonly ExposedMetric[];
}

/** A scraper was sent what was rendered for it. */
export interface SentNotice {
  readonly sentTo: string;
}

/** A finished text, compressed if that was asked for. */
export interface ExpositionReply {
  readonly number: number;
  readonly body: Uint8Array;
}
