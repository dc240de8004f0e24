/** What an import of quality reports did. */
import type { ImportedReport, QualityImportOutcome } from "@moai-metrics/receiver/quality";
import { formatCount, formatScore, MEASURE_TITLES, toPlainText } from "@moai-metrics/report";
import { qualityKey } from "@moai-metrics/settings";
import type { Screen } from "./screen.ts";

/** Two lines a report, and what to do about those that the settings keep out. */
export function qualityLines({ project, reports }: QualityImportOutcome, { timeZone }: Screen): string[] {
  const time = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  const lines = reports.flatMap((report) => [
    `  ${toPlainText(report.file)} (${report.format}): ${stateOf(report)}`,
    `    ${scoreText(report)}, measured ${time.format(report.atMillis)} ${timeZone}`,
  ]);
  const counts = (["new", "changed", "known", "refused"] as const).flatMap((state) => {
    const count = reports.filter((report) => report.state === state).length;
    return count === 0 ? [] : [`${formatCount(count)} ${state === "refused" ? "not stored" : state}`];
  });
  const keys = new Set(
    reports.filter(({ reason }) => reason?.startsWith("switched off")).map(({ measure }) => qualityKey(measure)),
  );
  return [
    `Quality of ${toPlainText(project)}`,
    ...lines,
    `  ${counts.join(", ")}`,
    ...[...keys].map((key) => `  To store and show it: moai-metrics config set ${key} true`),
  ];
}

/** The same as a document. */
export function qualityDocument({ project, reports, failed }: QualityImportOutcome): Record<string, unknown> {
  const skipped: Record<string, number> = {};
  for (const { reason } of reports) if (reason !== undefined) skipped[reason] = (skipped[reason] ?? 0) + 1;
  return {
    import: reports.map(({ counts, atMillis, ...report }) => ({
      ...report,
      ...counts,
      project,
      measuredAt: new Date(atMillis).toISOString(),
    })),
    failed,
    skipped,
  };
}

/** One line for each file that could not be used. */
export function failureLines({ failed }: QualityImportOutcome): string[] {
  return failed.map(({ file, problem }) => `${toPlainText(file)} ${toPlainText(problem)}.`);
}

function stateOf({ state, reason }: ImportedReport): string {
  if (state === "refused") return `not stored (${reason})`;
  return state === "known" ? "known already" : state;
}

function scoreText({ measure, score, counts: { good, total }, notLinted = 0 }: ImportedReport): string {
  const things = measure === "test_coverage" ? "lines" : "files without errors";
  const ignored = notLinted > 0 ? ` (${formatCount(notLinted)} more not linted)` : "";
  const share = `${formatCount(good)} of ${formatCount(total)} ${things}${ignored}`;
  return `${MEASURE_TITLES[measure].toLowerCase()} ${formatScore(score, true)}: ${share}`;
}
