/** What is known of one measurement of quality, and how two witnesses of it merge. */
import { type QualityCounts, type QualityFact, WITNESS_RANK } from "@moai-metrics/model";
import { better, type Ranked } from "./ranked.ts";

/** Score and counts stay together: counts of one witness beside the score of another would say nothing. */
export type QualityState = Ranked<{ readonly score: number; readonly counts: QualityCounts | undefined }>;

export function qualityStateOf({ witness, score, counts }: QualityFact): QualityState {
  return { rank: WITNESS_RANK[witness], value: { score, counts } };
}

/** The better witness wins; at equal rank the higher score, then the greater counts. */
export function mergeQuality(a: QualityState, b: QualityState): QualityState {
  return better(a, b, byScoreThenCounts) ?? a;
}

function byScoreThenCounts(a: QualityState["value"], b: QualityState["value"]): number {
  return a.score - b.score || (a.counts?.total ?? 0) - (b.counts?.total ?? 0);
}
