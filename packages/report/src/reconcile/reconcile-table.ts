/** The table of `reconcile`: a line for the ledger and one for each witness, by session and model. */
import { TELLERS } from "@moai-metrics/model";
import type { Column, Table } from "../render/table-model.ts";
import { dropInOrder } from "../tables/common-columns.ts";
import type { GapReason, ReconcileReport, ToldFields, WitnessFields } from "./types.ts";

/** One line. */
export interface ReconcileLine extends Omit<ToldFields, "totalTokens"> {
  /** Null where none were told. */
  readonly totalTokens: number | null;
  readonly sessionId: string;
  readonly product: string;
  readonly project: string;
  readonly startedAt: string;
  readonly lastActivity: string;
  readonly model: string;
  /** `ledger`, or who told it. */
  readonly witness: string;
  /** False of a witness that told nothing. */
  readonly hasTold: boolean;
  /** Tool calls of the whole session, in the lines of its first model. */
  readonly toolCalls: number | null;
  readonly gapCalls: number | null;
  readonly gapTokens: number | null;
  readonly reason: GapReason | null;
  /** The line under which the others of its session stand. */
  readonly isFirstOfSession: boolean;
}

/** Reasons as they stand on a screen. */
export const REASON_TEXTS: Readonly<Record<GapReason, string>> = {
  telemetry_off: "no telemetry",
  not_sent: "not sent",
  no_transcript: "no transcript",
  began_later: "began late",
  stopped_earlier: "stopped early",
  calls_missing: "calls missing",
  other_counts: "other counts",
  not_exported_yet: "not due yet",
  exports_lost: "exports lost",
  beyond_calls: "beyond calls",
};

/** What a narrow screen leaves out, first to last. */
const DROP_ORDER = [
  "startedAt",
  "project",
  "product",
  "cacheCreationTokens",
  "cacheReadTokens",
  "inputTokens",
  "outputTokens",
  "toolCalls",
];

/**
 * Lays out a report.
 *
 * @param options.isCompact one line in place of those for a log, spans and a metric that were never heard.
 */
export function reconcileTable(
  report: ReconcileReport,
  options: { readonly isCompact: boolean },
): Table<ReconcileLine> {
  const columns: readonly Column<ReconcileLine>[] = [
    { key: "startedAt", title: "Started", kind: "time", value: ({ startedAt }) => startedAt },
    {
      key: "sessionId",
      title: "Session",
      kind: "text",
      minWidth: 8,
      value: ({ sessionId }) => sessionId,
      shortValue: ({ sessionId, isFirstOfSession }) => (isFirstOfSession ? sessionId : ""),
    },
    { key: "product", title: "Product", kind: "text", value: ({ product }) => product },
    { key: "project", title: "Project", kind: "text", minWidth: 8, value: ({ project }) => project },
    {
      key: "model",
      title: "Model",
      kind: "text",
      minWidth: 14,
      value: ({ model }) => model,
      shortValue: ({ model, witness }) => (witness === "ledger" ? model : ""),
    },
    {
      key: "witness",
      title: "Witness",
      kind: "text",
      value: ({ witness }) => witness,
      shortValue: ({ witness, reason }) => (options.isCompact && reason === "telemetry_off" ? "telemetry" : witness),
    },
    { key: "calls", title: "Calls", kind: "count", value: ({ calls, hasTold }) => (hasTold ? calls : null) },
    { key: "toolCalls", title: "Tools", kind: "count", value: ({ toolCalls }) => toolCalls },
    { key: "inputTokens", title: "Input", kind: "tokens", value: told(({ inputTokens }) => inputTokens) },
    {
      key: "cacheReadTokens",
      title: "Cache read",
      kind: "tokens",
      value: told(({ cacheReadTokens }) => cacheReadTokens),
    },
    {
      key: "cacheCreationTokens",
      title: "Cache write",
      kind: "tokens",
      value: told(({ cacheCreationTokens }) => cacheCreationTokens),
    },
    { key: "outputTokens", title: "Output", kind: "tokens", value: told(({ outputTokens }) => outputTokens) },
    {
      key: "totalTokens",
      title: "Tokens",
      kind: "tokens",
      value: ({ totalTokens, hasTold, witness }) => (hasTold || witness === "hook" ? totalTokens : null),
    },
    { key: "gapCalls", kind: "count", value: ({ gapCalls }) => gapCalls },
    {
      key: "gapTokens",
      title: "Gap",
      kind: "count",
      value: ({ gapTokens, hasTold }) => (hasTold ? gapTokens : null),
    },
    {
      key: "reason",
      title: "Why",
      kind: "text",
      value: ({ reason }) => reason ?? "",
      shortValue: ({ reason }) => (reason === null ? "" : REASON_TEXTS[reason]),
    },
  ];
  return { columns: dropInOrder(columns, DROP_ORDER), rows: linesOf(report, options.isCompact) };
}

function told(value: (line: ReconcileLine) => number): (line: ReconcileLine) => number | null {
  return (line) => (line.hasTold ? value(line) : null);
}

function linesOf({ sessions }: ReconcileReport, isCompact: boolean): ReconcileLine[] {
  return sessions.flatMap(({ models, agreement: _, toolCalls, hookTokens, ...session }): ReconcileLine[] => {
    const lines = models.flatMap(({ model, ledger, witnesses }, at): Omit<ReconcileLine, "isFirstOfSession">[] => {
      const toolsOf = (teller: keyof typeof toolCalls): number | null =>
        at === 0 ? (toolCalls[teller] ?? null) : null;
      const common = { ...session, model };
      return [
        { ...common, ...ledger, ...NO_GAP, witness: "ledger", hasTold: true, toolCalls: toolsOf("ledger") },
        ...(isCompact ? withoutRepeatedSilence(witnesses) : witnesses).map((each) => ({
          ...common,
          ...each,
          toolCalls: toolsOf(each.witness),
        })),
      ];
    });
    // Whoever tells of no call has a line as well: hooks know tools, and tokens of tasks as one number.
    const others = TELLERS.filter((teller) => {
      const tellsTools = toolCalls[teller] !== undefined;
      const tellsTokens = teller === "hook" && hookTokens !== null;
      return (tellsTools || tellsTokens) && !lines.some(({ witness }) => witness === teller);
    });
    const all = [
      ...lines,
      ...others.map((witness) => ({
        ...session,
        ...NOTHING_TOLD,
        ...NO_GAP,
        model: models[0]?.model ?? "",
        witness,
        hasTold: false,
        toolCalls: toolCalls[witness] ?? null,
        totalTokens: witness === "hook" ? (hookTokens?.reported ?? null) : null,
      })),
    ];
    return all.map((line, at) => ({ ...line, isFirstOfSession: at === 0 }));
  });
}

function withoutRepeatedSilence(witnesses: readonly WitnessFields[]): readonly WitnessFields[] {
  const [first] = witnesses.filter(({ reason }) => reason === "telemetry_off");
  return witnesses.filter((witness) => witness.reason !== "telemetry_off" || witness === first);
}

const NOTHING_TOLD = {
  calls: null,
  callsWithoutUsage: null,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  outputTokens: 0,
} as const;
const NO_GAP = { gapCalls: null, gapTokens: null, reason: null } as const;
