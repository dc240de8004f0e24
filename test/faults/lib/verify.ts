/** Whether a file still holds what was acknowledged, whole, and agrees with itself. */
import { openStore, type Store } from "@moai-metrics/store";
import { callsOf, inputTokensOf, POINT_METRIC, POINTS_PER_BATCH, sessionOf } from "./workload.ts";

/** What one writer acknowledged: the numbers of its batches. */
export interface Acknowledged {
  readonly writer: string;
  readonly facts: ReadonlySet<number>;
  readonly points: ReadonlySet<number>;
}

/** Reads the lines of a writer's log: `f 12` for facts, `p 12` for points; other lines are somebody else's business. */
export function acknowledgedBy(writer: string, lines: readonly string[]): Acknowledged {
  const numbersOf = (kind: string): Set<number> =>
    new Set(lines.filter((line) => line.startsWith(`${kind} `)).map((line) => Number(line.slice(2))));
  return { writer, facts: numbersOf("f"), points: numbersOf("p") };
}

/** How strict to be. */
export interface VerifyOptions {
  /** Nothing that was not acknowledged may be there either: nobody was killed between a commit and its acknowledgement. */
  readonly isExact?: boolean | undefined;
}

/** Everything that does not hold, in words; empty when all is well. Opening recovers the file, as any user's opening would. */
export function verifyFile(path: string, writers: readonly Acknowledged[], options: VerifyOptions = {}): string[] {
  let store: Store;
  try {
    store = openStore({ path, busyTimeoutMillis: 5_000 });
  } catch (error) {
    return [`cannot be opened: ${String(error)}`];
  }
  const problems: string[] = [];
  try {
    problems.push(...verifyContent(store, writers, options));
    const differences = store.checkRollups();
    if (differences.length > 0)
      problems.push(`${differences.length} rollups differ: ${JSON.stringify(differences[0])}`);
  } catch (error) {
    problems.push(`cannot be read: ${String(error)}`);
  } finally {
    store.close();
  }
  return problems;
}

/** What `db check` finds. */
function checkProblems(store: Store): string[] {
  return store
    .check()
    .parts.flatMap(({ name, problems }) => problems.slice(0, 1).map((problem) => `${name}: ${problem}`));
}

/** Every acknowledged batch is there, and every batch that is there is whole. */
function verifyContent(store: Store, writers: readonly Acknowledged[], { isExact }: VerifyOptions): string[] {
  const sessions = new Map(store.ledger.sessions({}).map((row) => [row.sessionId, row]));
  const points = pointCounts(store);
  const problems: string[] = [];
  for (const { writer, facts, points: pointBatches } of writers) {
    for (const batch of facts) {
      if (!sessions.has(sessionOf(writer, batch))) problems.push(`facts of ${writer}:${batch} are lost`);
    }
    for (const batch of pointBatches) {
      const count = points.get(sessionOf(writer, batch)) ?? 0;
      if (count !== POINTS_PER_BATCH) problems.push(`${count} of ${POINTS_PER_BATCH} points of ${writer}:${batch}`);
    }
  }
  for (const [id, session] of sessions) {
    const [writer = "", number = ""] = id.split(":");
    const batch = Number(number);
    const input = inputTokensOf(batch, sessions.has(sessionOf(writer, batch + 1)));
    if (session.calls !== callsOf(batch) || session.tokens.input !== input || session.toolCalls !== 1) {
      problems.push(`${id} is not whole: ${session.calls} calls, ${session.tokens.input} input, expected ${input}`);
    }
  }
  for (const [id, count] of points) {
    if (count !== POINTS_PER_BATCH) problems.push(`points of ${id} are not whole: ${count}`);
  }
  if (isExact) {
    const acknowledged = writers.reduce((sum, { facts }) => sum + facts.size, 0);
    if (sessions.size !== acknowledged) problems.push(`${sessions.size} sessions, ${acknowledged} acknowledged`);
  }
  return problems.slice(0, 5);
}

/** Number of points per batch: a value is the number of its batch. */
function pointCounts(store: Store): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { identity, points } of store.points(POINT_METRIC)) {
    for (const { value } of points) {
      if (value.kind !== "number") continue;
      const id = sessionOf(String(identity.attributes["writer"]), Number(value.value));
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return counts;
}
