/** Flags of `dashboard`. */
import type { DashboardPeriod, TrendUnit } from "@moai-metrics/report";
import type { Dimension } from "@moai-metrics/store";
import type { CommonFlags, FilterFlags } from "../flags/declare.ts";

/** What the command line says. */
export interface DashboardFlags extends CommonFlags, FilterFlags {
  readonly period: DashboardPeriod;
  readonly groupBy: Dimension;
  /** How long a bar of the trends is. */
  readonly by: TrendUnit;
  /** Seconds between two looks at the figures of the period. */
  readonly interval: number;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly screenReader?: boolean;
}
