/** Queue: what runs now, which sessions are open, what was called last. Pure. */
import { type Dashboard, formatCost, formatCount, formatDuration, NO_VALUE } from "@moai-metrics/report/screen";
import { type QueueRow, queueRows } from "../rows.ts";
import type { DashboardState } from "../state.ts";
import { levelPiece, styleOf } from "./levels.ts";
import { join, type Line, line, type Piece } from "./lines.ts";
import { listWindow, selectionMark } from "./list-window.ts";
import { clockText, shortName } from "./names.ts";
import { tableLines } from "./table.ts";

/** Lines of the section: what there is in one line, then rows around the chosen one. */
export function queueLines(
  state: DashboardState,
  dashboard: Dashboard,
  width: number,
  rows: number,
  isFocused: boolean,
): Line[] {
  const all = queueRows(state);
  const head = (hasCall: boolean): Line => [{ text: "  " }, ...headLine(dashboard, hasCall)];
  if (rows === 1 || all.length === 0) return [head(true)];
  if (rows === 2) return [head(false), lastCallLine(dashboard)];
  const { shown, first } = listWindow(all, state.selected.queue, rows - 2);
  const lines = shown.map((row, i) => cells(row, dashboard, selectionMark(isFocused, first + i, state.selected.queue)));
  const [newest] = dashboard.queue.recentCalls;
  const isNewestShown = shown.some((row) => row.kind === "call" && row.call === newest);
  return [head(!isNewestShown), ...tableLines(COLUMNS, lines, width)];
}

const COLUMNS = [
  { title: "  What", minWidth: 16 },
  { title: "Agent", minWidth: 8 },
  { title: "Since", align: "right" },
  { title: "Silent", align: "right", dropRank: 2 },
  { title: "Tokens", align: "right" },
  { title: "Cost", align: "right", dropRank: 1 },
  { title: "Project or model", minWidth: 6, dropRank: 3 },
] as const;

/** @param hasCall whether the newest call stands here, because no row below tells of it. */
function headLine({ queue, at }: Dashboard, hasCall: boolean): Line {
  const { length, lengthLevel, oldestAgeMs, ageLevel, longestSilenceMs, silenceLevel, sessions, recentCalls } = queue;
  const last = recentCalls[0];
  return join(
    [
      [levelPiece(length === 0 ? "Nothing runs" : `${formatCount(length)} running`, length === 0 ? null : lengthLevel)],
      ...(oldestAgeMs === null ? [] : [[levelPiece(`oldest ${formatDuration(oldestAgeMs)}`, ageLevel)]]),
      ...(silenceLevel === null || silenceLevel === "ok"
        ? []
        : [[levelPiece(`silent ${formatDuration(longestSilenceMs ?? 0)}`, silenceLevel)]]),
      ...(last === undefined || !hasCall
        ? []
        : [line(`last call ${agoText(last.endedAt, at)}: ${last.agent} ${tokensText(last.totalTokens)}`)]),
      line(sessions.length === 1 ? "1 session open" : `${formatCount(sessions.length)} sessions open`),
    ],
    " · ",
  );
}

function lastCallLine({ queue, at }: Dashboard): Line {
  const [last] = queue.recentCalls;
  if (last === undefined) return [];
  const { endedAt, agent, model, totalTokens, totalCost, errorType } = last;
  const how = errorType ?? `${tokensText(totalTokens)} tokens ${costText(totalCost)}`;
  return line(`  last call ${agoText(endedAt, at)}: ${agent} ${how} ${model}`, errorType === null ? "faint" : "bad");
}

function cells(row: QueueRow, { at, timeZone }: Dashboard, mark: string): Line {
  const first = (text: string, style?: Piece["style"]): Piece => ({
    text: mark + text,
    style: mark.trim() === "" ? style : "strong",
  });
  switch (row.kind) {
    case "task": {
      const { taskId, agent, ageMs, silentMs, totalTokens, totalCost, project, level } = row.task;
      return [
        first(`task ${taskId}`, styleOf(level)),
        { text: agent },
        { text: formatDuration(ageMs) },
        levelPiece(formatDuration(silentMs), level),
        { text: tokensText(totalTokens) },
        { text: costText(totalCost) },
        { text: shortName(project), style: "faint" },
      ];
    }
    case "session": {
      const { sessionId, product, startedAt, lastSeenAt, totalTokens, totalCost, project } = row.session;
      return [
        first(`session ${sessionId}`),
        { text: product },
        { text: formatDuration(spanMillis(startedAt, at)) },
        { text: formatDuration(spanMillis(lastSeenAt, at)) },
        { text: tokensText(totalTokens) },
        { text: costText(totalCost) },
        { text: shortName(project), style: "faint" },
      ];
    }
    case "call": {
      const { endedAt, agent, model, totalTokens, totalCost, errorType } = row.call;
      return [
        first(`call ${clockText(endedAt, timeZone)}`, errorType === null ? "faint" : "bad"),
        { text: agent },
        { text: agoText(endedAt, at) },
        { text: errorType === null ? "" : "failed", style: "bad" },
        { text: tokensText(totalTokens) },
        { text: costText(totalCost) },
        { text: errorType ?? model, style: "faint" },
      ];
    }
  }
}

function tokensText(tokens: number | null): string {
  return tokens === null ? NO_VALUE : formatCount(tokens);
}

function costText(cost: number | null): string {
  return cost === null ? NO_VALUE : formatCost(cost);
}

function spanMillis(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

function agoText(then: string, now: string): string {
  const millis = spanMillis(then, now);
  return millis < 1_000 ? "now" : `${formatDuration(Math.floor(millis / 1_000) * 1_000).replace(/\.0s$/, "s")} ago`;
}
