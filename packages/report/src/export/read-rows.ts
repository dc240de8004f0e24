/** Rows of a kind, newest first, read page by page. */
import type {
  MetricsQuery,
  ModelCallRecord,
  Page,
  SessionRecord,
  TaskRecord,
  ToolCallRecord,
} from "@moai-metrics/store";
import type { ExportQuestion, RowKind } from "./types.ts";

/** What a row of each kind is made from. */
export interface RowOfKind {
  readonly sessions: SessionRecord;
  readonly tasks: TaskRecord;
  readonly calls: ModelCallRecord;
  readonly tools: ToolCallRecord;
}

type ReadPage<Row> = (
  query: MetricsQuery,
  question: ExportQuestion["filter"] & {
    readonly sessionIds?: readonly string[] | undefined;
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
  },
) => Page<Row>;

/**
 * More of them would outlive V8's youngest garbage, and the process would grow to twice its size. Calls are small, and each
 * page looks at those of an hour before and behind it, so fewer pages look at less.
 */
const PAGE_ROWS = { sessions: 500, tasks: 500, calls: 2_000, tools: 2_000 };
const NO_ROWS = { rows: [], nextCursor: undefined, deletedBeforeMillis: undefined };

const READ_PAGE: { readonly [Kind in RowKind]: ReadPage<RowOfKind[Kind]> } = {
  sessions: (query, question) => query.getSessions(question),
  tasks: (query, question) => query.getTasks(question),
  calls: (query, question) => query.getModelCalls(question),
  // Tool calls have no model: none of them belongs to a choice of models.
  tools: (query, { models, ...question }) => (models === undefined ? query.getToolCalls(question) : NO_ROWS),
};

/** Every row of a kind that the filter means. */
export function* readRows<Kind extends RowKind>(
  query: MetricsQuery,
  kind: Kind,
  filter: ExportQuestion["filter"],
): Generator<RowOfKind[Kind]> {
  let cursor: string | undefined;
  do {
    const page: Page<RowOfKind[Kind]> = READ_PAGE[kind](query, { ...filter, limit: PAGE_ROWS[kind], cursor });
    yield* page.rows;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

/** Every row of a kind in some sessions. */
export function readRowsOfSessions<Kind extends RowKind>(
  query: MetricsQuery,
  kind: Kind,
  filter: ExportQuestion["filter"],
  sessionIds: readonly string[],
): readonly RowOfKind[Kind][] {
  return READ_PAGE[kind](query, { ...filter, sessionIds }).rows;
}
