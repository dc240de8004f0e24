/** Whether a file still holds what was acknowledged, whole, and agrees with itself. */
import { openStore, type Store } from "@moai-metrics/store";
import {
  callsOf,
  inputTokensOf,
  POINT_METRIC,
  POINTS_PER_BATCH,
  sessionOf,
  timeOf,
  type Workload,
} from "./workload.ts";

/** What one writer acknowledged: the numbers of its batches. */
export interface Acknowledged {
  readonly workload: Workload;
  readonly facts: ReadonlySet<number>;
  readonly points: ReadonlySet<number>;
  /** Written before there were measurements of quality. */
  readonly hasNoQuality?: boolean | undefined;
}

/** Reads the lines of a writer's log: `f 12` for facts, `p 12` for points; other lines are somebody else's business. */
export function acknowledgedBy(workload: Workload, lines: readonly string[]): Acknowledged {
  const numbersOf = (kind: string): Set<number> =>
    new Set(lines.filter((line) => line.startsWith(`${kind} `)).map((line) => Number(line.slice(2))));
  return { workload, facts: numbersOf("f"), points: numbersOf("p") };
}

/** What may be missing, and what may not be there. */
export interface Expectation {
  /** Nothing that was not acknowledged may be there either: nobody was killed between a commit and its acknowledgement. */
  readonly isExact?: boolean | undefined;
  /** The end of the log was cut off: any number of the last batches may be there or not. */
  readonly isLogCut?: boolean | undefined;
  /** Facts before this time may be gone, though rollups still count them. Milliseconds UTC. */
  readonly factsSince?: number | undefined;
  /** Points before this time may be gone. */
  readonly pointsSince?: number | undefined;
}

const MAX_PROBLEMS = 5;

/** Everything that does not hold, in words; empty when all is well. Opening recovers the file, as any user's opening would. */
export function verifyFile(path: string, writers: readonly Acknowledged[], expected: Expectation = {}): string[] {
  let store: Store;
  try {
    store = openStore({ path, busyTimeoutMillis: 5_000 });
  } catch (error) {
    return [`cannot be opened: ${String(error)}`];
  }
  try {
    return verifyStore(store, writers, expected).slice(0, MAX_PROBLEMS);
  } catch (error) {
    return [`cannot be read: ${String(error)}`];
  } finally {
    store.close();
  }
}

/** The same for a store that is open. */
export function verifyStore(store: Store, writers: readonly Acknowledged[], expected: Expectation): string[] {
  return [
    ...store
      .check()
      .parts.flatMap(({ name, problems }) => problems.slice(0, 1).map((problem) => `${name}: ${problem}`)),
    ...factProblems(store, writers, expected),
    ...pointProblems(store, writers, expected),
    ...qualityProblems(store, writers),
  ];
}

/** Every acknowledged batch is there, every batch that is there is whole, and the rollups count them all. */
function factProblems(
  store: Store,
  writers: readonly Acknowledged[],
  { isExact, isLogCut, factsSince = 0 }: Expectation,
): string[] {
  const sessions = new Map(store.ledger.sessions({}).map((row) => [row.sessionId, row]));
  const problems: string[] = [];
  let calls = 0;
  let input = 0;
  let unacknowledged = 0;
  for (const { workload, facts } of writers) {
    const isThere = (batch: number): boolean => facts.has(batch) || sessions.has(sessionOf(workload, batch));
    for (let batch = workload.firstBatch; isThere(batch); batch++) {
      const id = sessionOf(workload, batch);
      const tokens = inputTokensOf(batch, isThere(batch + 1));
      calls += callsOf(batch);
      input += tokens;
      if (!facts.has(batch)) unacknowledged++;
      if (timeOf(workload, batch) < factsSince) continue;
      const session = sessions.get(id);
      if (session === undefined) problems.push(`facts of ${id} are lost`);
      else if (session.calls !== callsOf(batch) || session.tokens.input !== tokens || session.toolCalls !== 1)
        problems.push(`${id} is not whole: ${session.calls} calls, ${session.tokens.input} input, expected ${tokens}`);
    }
  }
  if (isExact && unacknowledged > 0) problems.push(`${unacknowledged} batches were never acknowledged`);
  if (!isLogCut && unacknowledged > writers.length)
    problems.push(`${unacknowledged} batches unacknowledged of ${writers.length} writers`);
  const total = store.ledger.usage({})[0];
  if ((total?.calls ?? 0) !== calls || (total?.tokens.input ?? 0) !== input) {
    problems.push(`rollups: ${total?.calls} calls and ${total?.tokens.input} input, expected ${calls} and ${input}`);
  }
  return problems;
}

/** Measurements never go, however old they are. */
function qualityProblems(store: Store, writers: readonly Acknowledged[]): string[] {
  const measured = new Set(store.ledger.quality({}).map(({ benchmark, score }) => `${benchmark}:${score}`));
  return writers
    .filter(({ hasNoQuality }) => hasNoQuality !== true)
    .flatMap(({ workload, facts }) => [...facts].map((batch) => sessionOf(workload, batch)))
    .filter((id) => !measured.has(id))
    .map((id) => `the measurement of ${id} is lost`);
}

/** Every acknowledged batch has all its points, and no batch has a part of them. */
function pointProblems(store: Store, writers: readonly Acknowledged[], { pointsSince = 0 }: Expectation): string[] {
  const counts = new Map<string, number>();
  for (const { identity, points } of store.points(POINT_METRIC)) {
    for (const { value } of points) {
      // A value is the number of its batch.
      const id = value.kind === "number" ? `${identity.attributes["writer"]}:${value.value}` : "";
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  const problems: string[] = [];
  for (const { workload, points, facts } of writers) {
    for (const batch of facts) {
      if (timeOf(workload, batch) < pointsSince) continue;
      const id = sessionOf(workload, batch);
      const count = counts.get(id) ?? 0;
      if (count === POINTS_PER_BATCH || (count === 0 && !points.has(batch))) continue;
      problems.push(`${count} of ${POINTS_PER_BATCH} points of ${id}`);
    }
  }
  return problems;
}
