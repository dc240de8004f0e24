/** Sentences about what was found, skipped and not read. */
import type { CatchUpOutcome, SourceOutcome } from "@moai-metrics/receiver";
import { formatCount, toPlainText } from "@moai-metrics/report";
import type { SkipCount } from "@moai-metrics/store";

/** Tells how much was skipped so far, and where to see it. */
export function skippedNote(skipped: readonly SkipCount[]): string[] {
  const count = skipped.reduce((sum, skip) => sum + skip.count, 0);
  if (count === 0) return [];
  return [`${formatCount(count)} records gave no numbers; --verbose lists them by type.`];
}

/** Names the files that could not be read this time. */
export function failureLines(outcome: CatchUpOutcome | undefined): string[] {
  const transcripts = (outcome?.sources ?? []).flatMap(({ failures }) =>
    failures.map(({ path, code }) => `Cannot read ${toPlainText(path)} (${code}); it will be tried again next time.`),
  );
  const spooled = (outcome?.spool?.unreadableFiles ?? []).map(
    (path) => `Cannot read ${toPlainText(path)}: closed to you, or written by a newer moai-metrics. It was left there.`,
  );
  const damaged = (outcome?.spool?.brokenFiles ?? []).map(
    (path) => `${toPlainText(path)} is damaged and was set aside, with .broken behind its name.`,
  );
  const broken = (outcome?.hooks?.brokenFiles ?? []).map(
    (path) => `${toPlainText(path)} holds no hook and was set aside, with .broken behind its name.`,
  );
  return [...transcripts, ...spooled, ...damaged, ...broken];
}

/** Everything that was ever skipped, by product and reason, most first. */
export function skippedLines(skipped: readonly SkipCount[]): string[] {
  if (skipped.length === 0) return ["Nothing was skipped."];
  const rows = skipped.toSorted((a, b) => b.count - a.count);
  const width = Math.max(...rows.map((row) => formatCount(row.count).length));
  return [
    "Skipped so far:",
    ...rows.map(
      (row) => `  ${formatCount(row.count).padStart(width)}  ${toPlainText(row.product)}  ${toPlainText(row.reason)}`,
    ),
  ];
}

/** Where a catch-up looked for transcripts. */
export function searchedLines(sources: readonly SourceOutcome[]): string[] {
  return sources.flatMap(({ label, roots }) => [`  ${label}:`, ...roots.map((root) => `    ${toPlainText(root)}`)]);
}
