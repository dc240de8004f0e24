/** Records how good the code of a project is: as gauges, and as facts that are kept for years. */
import { FACT_LIMITS, type QualityCounts, type QualityMeasure } from "@moai-metrics/model";
import { cleanText } from "./attributes.ts";
import { recordMetric } from "./instruments.ts";
import { countDrop, emitFact, guarded, isRecording, registry } from "./registry.ts";

/** A share from 0 to 1, or the counts that it is computed from: `{ good: 910, total: 1000 }`. */
export type QualityShare = number | QualityCounts;

/** Scores of the work, each where known. */
export interface QualityScores {
  /** Covered lines / lines. */
  readonly testCoverage?: QualityShare | undefined;
  /** Linted files without errors / linted files. */
  readonly lintScore?: QualityShare | undefined;
  readonly benchmarkScore?: number | undefined;
  /** Name of the benchmark that gave the score. */
  readonly benchmark?: string | undefined;
  /** Folder of the project. Default: the working directory; the gauges then name no project. */
  readonly project?: string | undefined;
  /** What measured it, such as `vitest`. */
  readonly tool?: string | undefined;
  /** When it was measured, milliseconds since the Unix epoch. Default: now. */
  readonly atMillis?: number | undefined;
}

/** What was measured, made sure of. */
interface Measured {
  readonly score: number;
  readonly counts?: QualityCounts | undefined;
}

const MAX_PATH_LENGTH = 4096;

/**
 * Records scores: a gauge each, and a fact each, which counts once however often it is recorded for the same project,
 * tool and time. What is no share is counted as dropped. Never throws.
 *
 * @example
 * ```ts
 * recordQuality({ testCoverage: { good: 910, total: 1000 }, lintScore: 0.98, tool: "vitest" });
 * recordQuality({ benchmark: "startup", benchmarkScore: 41.5 });
 * ```
 */
export function recordQuality(scores: QualityScores): void {
  if (!isRecording()) return;
  guarded(() => {
    const { testCoverage, lintScore, benchmarkScore, benchmark } = scores;
    const name = cleanText(benchmark);
    record("test_coverage", "testCoverage", scores, shareOf(testCoverage));
    record("lint_score", "lintScore", scores, shareOf(lintScore));
    record("benchmark_score", "benchmarkScore", scores, numberOf(benchmarkScore), name);
  });
}

function record(
  measure: QualityMeasure,
  metric: "testCoverage" | "lintScore" | "benchmarkScore",
  { project, tool, atMillis }: QualityScores,
  measured: Measured | undefined,
  benchmark?: string,
): void {
  if (measured === undefined) return;
  if (!registry.settings.qualityMeasures.includes(measure)) {
    countDrop(`switched off: ${measure}`);
    return;
  }
  recordMetric(metric, measured.score, { project: cleanText(project), benchmarkName: benchmark });
  emitFact({
    kind: "quality",
    witness: "process",
    measure,
    benchmark,
    project: cleanText(project, MAX_PATH_LENGTH) ?? process.cwd(),
    tool: cleanText(tool),
    atMillis: isWhole(atMillis) ? atMillis : Date.now(),
    ...measured,
  });
}

function shareOf(value: unknown): Measured | undefined {
  if (typeof value !== "object" || value === null) {
    const measured = numberOf(value);
    if (measured === undefined || (measured.score >= 0 && measured.score <= 1)) return measured;
    countDrop("share is not between 0 and 1");
    return undefined;
  }
  const { good, total } = value as Partial<QualityCounts>;
  if (isWhole(good) && isWhole(total) && total > 0 && good <= total && total <= FACT_LIMITS.count) {
    return { score: good / total, counts: { good, total } };
  }
  countDrop("counts are not { good, total } with whole numbers");
  return undefined;
}

function numberOf(value: unknown): Measured | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return { score: value };
  countDrop("value is not a finite number");
  return undefined;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
