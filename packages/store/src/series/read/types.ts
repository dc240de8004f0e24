/** Questions about points, and their answers. */
import type { SummaryBucket } from "../summary/summarize.ts";
import type { Resolution } from "../summary/types.ts";
import type { Attributes, SeriesIdentity, StoredSeries } from "../types.ts";

/** Which series, and which time. */
export interface PointQuestion {
  readonly metric: string;
  /** Attributes of the points that must have these values; others may be there, too. */
  readonly attributes?: Attributes | undefined;
  /** Attributes of the points with a value of this text, whether it is a string, a number or a boolean. */
  readonly attributeTexts?: Readonly<Record<string, string>> | undefined;
  /** The same for the attributes of the resource. */
  readonly resource?: Attributes | undefined;
  /** Nanoseconds since the Unix epoch, inclusive. Default: from the oldest point. */
  readonly fromNano?: bigint | undefined;
  /** Nanoseconds since the Unix epoch, not included. Default: to the newest point. */
  readonly toNano?: bigint | undefined;
  /** The most points (or summaries: rounded up to whole days) of a page. Default 1,000. */
  readonly limit?: number | undefined;
  /** Where the page before ended: its `cursor`. Everything else must be asked in the same way. */
  readonly cursor?: string | undefined;
}

/** A question for hourly or daily points. The range begins and ends at full hours or days, UTC. */
export interface SummaryQuestion extends PointQuestion {
  readonly resolution: Resolution;
}

/** Single points. */
export interface PointPage {
  /** Series that have points on this page, in the order in which they first appeared; points oldest first. */
  readonly series: readonly StoredSeries[];
  /** Ask with it for what follows; undefined at the end. */
  readonly cursor: string | undefined;
  /** Before this time single points are no longer kept; undefined while all are. */
  readonly keptFromNano: bigint | undefined;
}

/** One series with its hourly or daily points, oldest first. */
export interface SummarizedSeries {
  readonly identity: SeriesIdentity;
  readonly buckets: readonly SummaryBucket[];
}

/** Hourly or daily points. */
export interface SummaryPage {
  readonly resolution: Resolution;
  readonly series: readonly SummarizedSeries[];
  readonly cursor: string | undefined;
}

/** A question for points summed up by steps that begin at multiples of `stepNano` since the Unix epoch, UTC. */
export interface StepQuestion extends Omit<PointQuestion, "limit" | "cursor"> {
  /** Length of a step in nanoseconds. */
  readonly stepNano: bigint;
}

/** Points summed up by steps; steps without points are left out. */
export interface StepAnswer {
  /** The tier that the answer was made from. */
  readonly resolution: Resolution | "point";
  readonly series: readonly SummarizedSeries[];
}
