/** Decides what to compress, sum up and forget. Pure. */
import type { Resolution } from "../summary/types.ts";
import type { SeriesSettings } from "./settings.ts";
import type { SeriesState } from "./state.ts";

/** One small piece of work: one short transaction. Days are UTC days since 1970-01-01. */
export type SeriesStep =
  /** Moves the oldest plain points of the day into a chunk. */
  | { readonly kind: "pack"; readonly day: number }
  /** Sums up the next series of the day by hour and by day. */
  | { readonly kind: "summarize"; readonly day: number }
  /** Gives up the single points before the day, a few chunks at a time. */
  | { readonly kind: "forget_points"; readonly beforeDay: number }
  /** Gives up hourly or daily points before the day. */
  | { readonly kind: "forget_summaries"; readonly resolution: Resolution; readonly beforeDay: number };

/**
 * The next step of each piece of work that is due, in the order in which to take them. Apply one or all, then plan
 * again, until nothing is left.
 *
 * What is compressed is decided by the clock: it loses nothing. What is forgotten is decided by the second newest day
 * that has points and is not in the future: a clock that jumps ahead makes nothing old until points have come on two
 * days of the new time, one that falls back only postpones, and without new points nothing is forgotten.
 */
export function planSeriesMaintenance(
  state: SeriesState,
  settings: SeriesSettings,
  nowMillis: number,
): readonly SeriesStep[] {
  const clockDay = Math.floor(nowMillis / 86_400_000);
  const packBefore = clockDay - settings.plainDays;
  const today = ageingDay(state, clockDay);
  const packs = state.plainDays.filter((day) => day < packBefore);
  const summaries = state.unsummarizedDays.filter((day) => day >= state.detailedFromDay && !packs.includes(day));
  // Points go only after everything before that day is in the summaries.
  const firstUnfinished = Math.min(today - settings.detailedDays, ...packs, ...summaries);
  const steps: SeriesStep[] = [
    ...packs.map((day): SeriesStep => ({ kind: "pack", day })),
    ...summaries.map((day): SeriesStep => ({ kind: "summarize", day })),
  ];
  const [oldestChunk] = state.chunkDays;
  const pointsBefore = Math.max(firstUnfinished, state.detailedFromDay);
  if (oldestChunk !== undefined && oldestChunk < pointsBefore) {
    steps.push({ kind: "forget_points", beforeDay: pointsBefore });
  }
  const periods = { hour: settings.hourlyDays, day: settings.dailyDays };
  for (const resolution of ["hour", "day"] as const) {
    const [oldest] = state.summaryDays[resolution];
    const beforeDay = today - periods[resolution];
    // A day that still has its points would be summed up again at once.
    const isDue = oldest !== undefined && oldest < beforeDay;
    if (isDue && (resolution === "hour" || oldest < state.detailedFromDay)) {
      steps.push({
        kind: "forget_summaries",
        resolution,
        beforeDay: resolution === "hour" ? beforeDay : Math.min(beforeDay, state.detailedFromDay),
      });
    }
  }
  return steps;
}

/** The day from which ages are counted: the one after the second newest day with points. */
function ageingDay({ newestDays }: SeriesState, clockDay: number): number {
  const [, second = Number.NEGATIVE_INFINITY] = newestDays.filter((day) => day <= clockDay);
  return second + 1;
}
