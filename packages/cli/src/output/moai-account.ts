/** What an import of MoAI-ADK's files did, in a few lines for each project. */
import type { MoaiOutcome } from "@moai-metrics/receiver/moai";
import { formatCount, toPlainText } from "@moai-metrics/report";

/** The account. */
export function moaiLines(outcomes: readonly MoaiOutcome[]): string[] {
  if (outcomes.length === 0) {
    return ["No known project has a .moai folder. Run this in a project of MoAI, or name it with --path."];
  }
  return outcomes.flatMap(({ project, kinds, skipped, failures }) => [
    `MoAI: ${toPlainText(project)}`,
    ...kinds
      .filter(({ files }) => files > 0)
      .map(
        ({ kind, files, entries, inserted, changed }) =>
          `  ${kind}: ${formatCount(entries)} entries in ${formatCount(files)} files, ` +
          `${formatCount(inserted)} new, ${formatCount(changed)} added to known ones`,
      ),
    ...(kinds.every(({ files }) => files === 0) ? ["  nothing to import"] : []),
    ...(skipped.size === 0 ? [] : ["  not taken over:"]),
    ...[...skipped].map(([reason, count]) => `    ${formatCount(count)}  ${toPlainText(reason)}`),
    ...failures.map(({ path, code }) => `  cannot be read (${code}): ${toPlainText(path)}`),
  ]);
}
