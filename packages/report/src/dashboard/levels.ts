/** How values stand beside their thresholds. Pure. */
import type { Threshold } from "@moai-metrics/settings";
import type { Level } from "./types.ts";

/** With fewer tasks than this a rate or a percentile says nothing: neither is judged. */
export const MIN_JUDGED_TASKS = 5;

/** Where more is worse. */
export function levelFromBelow(value: number | null, { warning, critical }: Threshold): Level | null {
  if (value === null) return null;
  return value >= critical ? "critical" : value >= warning ? "warning" : "ok";
}

/** Where less is worse. */
export function levelFromAbove(value: number | null, { warning, critical }: Threshold): Level | null {
  if (value === null) return null;
  return value < critical ? "critical" : value < warning ? "warning" : "ok";
}
