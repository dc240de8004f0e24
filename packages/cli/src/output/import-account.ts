/** What an import did, in a few lines. */
import type { CatchUpOutcome, SourceOutcome } from "@moai-metrics/receiver";
import { formatCount, formatDuration, toPlainText } from "@moai-metrics/report";

const MEGABYTE = 1_000_000;
const TENTH_OF_MEGABYTE = 100_000;

/** The account of a whole import that took `millis`. */
export function accountLines(outcome: CatchUpOutcome, millis: number): string[] {
  return [
    ...outcome.sources.flatMap((source) => sourceLines(source, millis)),
    ...(outcome.spool !== undefined && outcome.spool.filesDrained > 0
      ? [`Spool: ${waitingText(outcome.spool)} from ${files(outcome.spool.filesDrained)}`]
      : []),
    ...(outcome.hooks !== undefined && outcome.hooks.filesDrained > 0
      ? [`Hooks: ${formatCount(outcome.hooks.facts)} facts from ${files(outcome.hooks.filesDrained)}`]
      : []),
    ...(outcome.silentTasksClosed > 0
      ? [`${formatCount(outcome.silentTasksClosed)} tasks had fallen silent and were closed with an unknown result.`]
      : []),
  ];
}

function waitingText({ facts, points }: { readonly facts: number; readonly points: number }): string {
  return `${formatCount(facts)} waiting facts${points > 0 ? ` and ${formatCount(points)} data points` : ""}`;
}

function sourceLines(source: SourceOutcome, millis: number): string[] {
  if (source.filesFound === 0) {
    return [`${source.label}: no transcripts in`, ...source.roots.map((root) => `  ${toPlainText(root)}`)];
  }
  const refused = total(source.refused);
  const skipped = total(source.skipped);
  return [
    `${source.label}: ${files(source.filesFound)}, ${formatCount(source.filesRead)} read, ` +
      `${formatCount(source.filesUnchanged)} unchanged since the last time`,
    ...(source.bytesRead > 0 ? [`  ${throughput(source.bytesRead, millis)}`] : []),
    ...(source.filesRead > 0 ? [`  ${factsText(source)}`] : []),
    ...(refused > 0 ? [`  ${formatCount(refused)} facts refused: ${countsByReason(source.refused)}`] : []),
    ...(skipped > 0 ? [`  ${formatCount(skipped)} records skipped: ${countsByReason(source.skipped)}`] : []),
    ...(source.failures.length > 0 ? [`  ${files(source.failures.length)} could not be read`] : []),
  ];
}

function factsText({ facts, inserted, changed }: SourceOutcome): string {
  return `${formatCount(facts)} facts: ${formatCount(inserted)} new, ${formatCount(changed)} added to known ones`;
}

function throughput(bytes: number, millis: number): string {
  const megabytes = bytes < TENTH_OF_MEGABYTE ? "less than 0.1" : (bytes / MEGABYTE).toFixed(1);
  const speed = bytes / MEGABYTE / (millis / 1000);
  return `${megabytes} MB in ${formatDuration(millis)} (${speed < 1 ? "<1" : speed.toFixed(0)} MB/s)`;
}

function files(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "file" : "files"}`;
}

/** The most frequent reasons; the rest are counted. */
function countsByReason(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, 3).map(([reason, count]) => `${toPlainText(reason)} ${formatCount(count)}`);
  const more = sorted.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more reasons (--verbose)` : "");
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
