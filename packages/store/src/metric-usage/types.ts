/** Usage of sessions of which nobody tells calls: from what their product counts in its own metric. */
import type { ProductTelling, ToldTokens } from "@moai-metrics/model";

/** Which metrics tell tokens, and whose may be counted. */
export interface MetricUsageOptions {
  readonly tellings: readonly ProductTelling[];
  /** Whether the usage of a project's sessions is stored; undefined for a session whose project is not known. */
  readonly isTracked: (project: string | undefined) => boolean;
}

/** What a metric told of one model in a quarter hour. */
export interface MetricUsage {
  readonly model: string;
  /** Of its last point. */
  readonly atMillis: number;
  readonly tokens: ToldTokens;
}

/** What a metric told of a session. */
export interface SessionMetricUsage {
  readonly product: string;
  readonly sessionId: string;
  readonly usages: readonly MetricUsage[];
  /** The first moment of which all points are known: what was told of earlier ones stays. */
  readonly fromMillis: number;
}
