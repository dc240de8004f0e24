/** The table of `reconcile`: a line for the ledger and one for each witness, by session and model. */
import { TELLERS } from "@moai-metrics/model";
import type { Column, Table } from "../render/table-model.ts";
import { dropInOrder } from "../tables/common-columns.ts";
import type { GapReason, ReconcileReport, ToldFields } from "./types.ts";

/** One line. */
export interface ReconcileLine extends ToldFields {
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

const REASON_TEXTS: Readonly<Record<GapReason, string>> = {
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

/** Lays out a report. */
export function reconcileTable(report: ReconcileReport): Table<ReconcileLine> {
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
    { key: "witness", title: "Witness", kind: "text", value: ({ witness }) => witness },
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
    { key: "totalTokens", title: "Tokens", kind: "tokens", value: told(({ totalTokens }) => totalTokens) },
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
  return { columns: dropInOrder(columns, DROP_ORDER), rows: linesOf(report) };
}

function told(value: (line: ReconcileLine) => number): (line: ReconcileLine) => number | null {
  return (line) => (line.hasTold ? value(line) : null);
}

function linesOf({ sessions }: ReconcileReport): ReconcileLine[] {
  return sessions.flatMap(({ models, agreement: _, toolCalls, ...session }) =>
    models.flatMap(({ model, ledger, witnesses }, at): ReconcileLine[] => {
      const isFirst = at === 0;
      const toolsOf = (teller: keyof typeof toolCalls): number | null => (isFirst ? (toolCalls[teller] ?? null) : null);
      const common = { ...session, model, isFirstOfSession: false };
      const first = { ...common, ...ledger, witness: "ledger", hasTold: true, toolCalls: toolsOf("ledger") };
      const told = witnesses.map((each) => ({ ...common, ...each, toolCalls: toolsOf(each.witness) }));
      // Whoever tells of tools alone, as hooks do, has a line as well.
      const others = TELLERS.filter((teller) => isFirst && toolCalls[teller] !== undefined).filter(
        (teller) => !witnesses.some(({ witness }) => witness === teller),
      );
      return [
        { ...first, isFirstOfSession: isFirst, ...NO_GAP },
        ...told,
        ...others.map((witness) => ({
          ...common,
          ...ledger,
          witness,
          hasTold: false,
          toolCalls: toolsOf(witness),
          ...NO_GAP,
        })),
      ];
    }),
  );
}

const NO_GAP = { gapCalls: null, gapTokens: null, reason: null } as const;
