/** JSON of `quality`, `report quality` and `import quality`. */
import { z } from "zod";
import { count, share, time } from "./fields.ts";

const measure = z.enum(["test_coverage", "lint_score", "benchmark_score"]);
const change = z.number().nullable().describe("Of shares a difference of shares; null for the first of all.");

const counted = {
  score: z.number().describe("From 0 to 1; of a benchmark any number."),
  good: count.nullable().describe("Covered lines, or files without errors; null where only the score was told."),
  total: count.nullable(),
};

const series = { project: z.string(), measure, benchmark: z.string().nullable(), tool: z.string().nullable() };
const entry = { period: z.string(), ...counted, change };
const totals = z.object({ measurements: count });

/** What period reports say of quality. */
export const periodQuality = z.object({ ...series, ...counted, measured_at: time, change });

export const QUALITY_SCHEMAS = {
  quality: z.object({
    quality: z.array(
      z.object({
        ...series,
        ...counted,
        measuredAt: time,
        previousScore: z.number().nullable(),
        previousAt: time.nullable(),
        change,
        measurements: count.describe("In the range."),
        trend: z.array(z.object(entry)).describe("Oldest first."),
      }),
    ),
    totals,
  }),
  quality_by_period: z.object({ quality: z.array(z.object({ ...series, ...entry })), totals }),
  import_quality: z.object({
    import: z.array(
      z.object({
        file: z.string(),
        format: z.string(),
        tool: z.string(),
        measure,
        notLinted: count.optional().describe("Files that the linter names and did not look at."),
        score: share,
        good: count,
        total: count,
        state: z.enum(["new", "known", "changed", "refused"]),
        reason: z.string().optional().describe("Why it was not stored."),
        project: z.string(),
        measuredAt: time,
      }),
    ),
    failed: z.array(z.object({ file: z.string(), problem: z.string() })),
    skipped: z.record(z.string(), count).describe("Reports that were not stored, by reason."),
  }),
} as const;
