/** What is shown to a scraper. */
import type { CumulativeAttributes, CumulativeMetric, CumulativeValue } from "@moai-metrics/store";

/** One series of a metric. */
export interface ExposedSeries extends CumulativeValue {
  readonly attributes: CumulativeAttributes;
  /** Since when it is counted; not of gauges. */
  readonly startMillis?: number | undefined;
}

/** A metric with its series. */
export interface ExposedMetric extends Omit<CumulativeMetric, "key"> {
  readonly series: readonly ExposedSeries[];
}

/** The formats in which a scraper can read. */
export type ExpositionFormat = "text" | "openmetrics";

/** Media types of the formats. */
export const EXPOSITION_MEDIA_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** A finished text, and what could not be part of it. */
export interface Exposition {
  readonly text: string;
  /** Series that no scraper would accept, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}
