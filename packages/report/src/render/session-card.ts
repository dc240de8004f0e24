/** One session in full. */
import type { SessionReportRow } from "../session-rows.ts";
import { costNotes } from "../tables/cost-notes.ts";
import { formatCostOf } from "../tables/costs.ts";
import { countsText, toolsText } from "../tables/counts-text.ts";
import { createTimeFormat } from "./cell-format.ts";
import { formatCount, formatDuration, formatPercent, NO_VALUE } from "./numbers.ts";
import { toPlainText } from "./plain-text.ts";
import type { TableOptions } from "./table.ts";
import { pad, wrapToWidth } from "./width.ts";

const TITLE_WIDTH = 16;

/** Renders a session as lines without line ends: a title and its figures but the hidden ones, long lists wrapped. */
export function renderSessionCard(
  session: SessionReportRow,
  options: TableOptions,
  hidden: ReadonlySet<string> = new Set(),
): string[] {
  const { palette, columns } = options;
  const formatTime = createTimeFormat(options.timeZone);
  const fields: readonly (readonly [title: string, text: string, field?: keyof SessionReportRow])[] = [
    ["Product", [session.product, session.version].filter((part) => part !== null).join(" ")],
    ["Project", [session.project, session.branch].filter((part) => part !== null).join(" on ")],
    ["Time", `${formatTime(session.startedAt)} to ${formatTime(session.lastActivity)} ${options.timeZone}`],
    [
      "Duration",
      `${formatDuration(session.activeDurationMs)} active, ${formatDuration(session.wallDurationMs)} in all`,
      "activeDurationMs",
    ],
    ["Tasks", tasksText(session), "tasksCompleted"],
    ["Tools", `${formatCount(session.toolCalls)} calls: ${toolsText(session.tools) || NO_VALUE}`],
    ["Files", `${session.filesCreated} created, ${session.filesModified} modified, ${session.filesDeleted} deleted`],
    ["Lines", `${formatCount(session.linesAdded)} added, ${formatCount(session.linesRemoved)} removed`],
    ["Errors", session.errorCount === 0 ? "none" : countsText(session.errors)],
    ["Model calls", callsText(session)],
    ["Tokens", tokensText(session), "totalTokens"],
    ["Cost", formatCostOf(session), "totalCost"],
  ];
  const notes = hidden.has("totalCost") ? [] : costNotes(session);
  return [
    palette.title(`Session ${toPlainText(session.sessionId)}`),
    ...fields.flatMap(([title, text, field = ""]) =>
      hidden.has(field) ? [] : fieldLines(title, toPlainText(text), columns, palette.header),
    ),
    ...notes.flatMap((note) => wrapToWidth(note, columns).map(palette.faint)),
  ];
}

function fieldLines(title: string, text: string, columns: number, style: (text: string) => string): string[] {
  const lines = wrapToWidth(text, columns - TITLE_WIDTH);
  return lines.map((line, index) => style(pad(index === 0 ? title : "", TITLE_WIDTH, "left")) + line);
}

function tasksText(session: SessionReportRow): string {
  const rate = session.successRate === null ? "" : `, ${formatPercent(session.successRate)} successful`;
  const others = Object.entries({ ...session.tasksByResult, open: session.openTasks })
    .filter(([, count]) => count > 0)
    .map(([result, count]) => `${count} ${result}`);
  return `${session.tasksCompleted} completed${rate}${others.length === 0 ? "" : ` (${others.join(", ")})`}`;
}

function callsText(session: SessionReportRow): string {
  const shares = session.modelBreakdowns.map((share) => `${share.modelName} ${share.calls}`);
  return `${formatCount(session.calls)}: ${shares.join(", ") || NO_VALUE}`;
}

function tokensText(session: SessionReportRow): string {
  const parts = [
    `${formatCount(session.inputTokens)} input`,
    `${formatCount(session.outputTokens)} output`,
    `${formatCount(session.cacheReadTokens)} cache read`,
    `${formatCount(session.cacheCreationTokens)} cache write`,
  ];
  return `${formatCount(session.totalTokens)}: ${parts.join(", ")}`;
}
