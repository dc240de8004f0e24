/** Collects what a transaction changes in the live counters, and writes it with the facts. */
import type { FileChange } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import type { RollupDimensions } from "../rollup/types.ts";
import { addFact, addSum, addValue, decodeLiveData, encodeSum, liveKeyOf, noLiveData } from "./live-data.ts";
import { type CountedFact, LIVE_WINDOW_MILLIS, type LiveData, type LiveKey } from "./types.ts";

/** What live counters are told. */
export interface LiveChanges {
  /**
   * Replaces what a fact added before by what it adds now, if it is recent.
   * @param isBeforeLive whether what it added before is in the counters. Default: as if it were as recent as what takes
   * its place.
   * @returns whether what the fact adds is in the counters now.
   */
  replace(before: CountedFact | undefined, after: CountedFact | undefined, isBeforeLive?: boolean): boolean;
  /** Whether {@link replace} would change anything. */
  isRecent(before: CountedFact | undefined, after: CountedFact | undefined): boolean;
  /**
   * A session is over.
   * @param knownAtMillis when that was known.
   * @returns whether its duration is in the counters now.
   */
  addSession(dimensions: LabelledDimensions, durationMillis: number, knownAtMillis: number): boolean;
  /** A task changed a file. */
  addFile(dimensions: LabelledDimensions, change: FileChange, atMillis: number): void;
  /** Writes what was collected and starts over. */
  apply(): void;
  /** Forgets it. */
  discard(): void;
}

/** Who is counted under, with the labels of the session. */
type LabelledDimensions = RollupDimensions & Pick<LiveKey, "labelsId">;

interface ChangedCounter {
  readonly key: LiveKey;
  readonly data: LiveData;
  sinceMillis: number;
}

/** @param now milliseconds since 1970; asked once for each transaction. */
export function createLiveChanges(database: Database, now: () => number): LiveChanges {
  const key = "product_id, project_id, agent_id, model_id, tool_id, error_type_id, task_kind, task_result, labels_id";
  const select = database
    .prepare<KeyValues, [number, string]>(
      `SELECT since, data FROM live_counter WHERE (${key}) = (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .raw();
  const save = database.prepare<[...KeyValues, number, string]>(
    `INSERT INTO live_counter (${key}, since, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET since = excluded.since, data = excluded.data`,
  );
  let changed = new Map<string, ChangedCounter>();
  let nowMillis: number | undefined;

  const isRecent = (atMillis: number): boolean => {
    nowMillis ??= now();
    return nowMillis - atMillis <= LIVE_WINDOW_MILLIS;
  };

  /** The newer time decides for both: what was counted is taken back with what takes its place. */
  const isEitherRecent = (before: CountedFact | undefined, after: CountedFact | undefined): boolean =>
    isRecent(Math.max(before?.atMillis ?? 0, after?.atMillis ?? 0));

  const counterOf = (of: LiveKey, atMillis: number): ChangedCounter => {
    const name = valuesOf(of).join(" ");
    let counter = changed.get(name);
    if (counter === undefined) {
      counter = { key: of, data: noLiveData(), sinceMillis: atMillis };
      changed.set(name, counter);
    }
    counter.sinceMillis = Math.min(counter.sinceMillis, atMillis);
    return counter;
  };

  const add = (fact: CountedFact, sign: 1 | -1): void =>
    addFact(counterOf(liveKeyOf(fact), fact.atMillis).data, fact, sign);

  return {
    isRecent: isEitherRecent,
    replace(before, after, isBeforeLive = true) {
      if (!isEitherRecent(before, after)) return before !== undefined && isBeforeLive;
      if (before !== undefined && isBeforeLive) add(before, -1);
      if (after !== undefined) add(after, 1);
      return after !== undefined;
    },
    addSession(dimensions, durationMillis, knownAtMillis) {
      if (!isRecent(knownAtMillis)) return false;
      addValue(counterOf({ ...dimensions, ...OF_NO_CALL }, knownAtMillis).data, "session_ms", durationMillis, 1);
      return true;
    },
    addFile(dimensions, change, atMillis) {
      if (!isRecent(atMillis)) return;
      addSum(counterOf({ ...dimensions, ...OF_NO_CALL }, atMillis).data, `files_${change}`, 1);
    },
    apply() {
      for (const { key: of, data, sinceMillis } of changed.values()) {
        const values = valuesOf(of);
        const [since = sinceMillis, stored] = select.get(...values) ?? [];
        const before = stored === undefined ? noLiveData() : decodeLiveData(stored);
        save.run(...values, Math.min(since, sinceMillis), encodeSum(before, data));
      }
      this.discard();
    },
    discard() {
      changed = new Map();
      nowMillis = undefined;
    },
  };
}

const OF_NO_CALL = { toolId: 0, errorTypeId: 0, taskKind: "", taskResult: "" } as const;

type KeyValues = [number, number, number, number, number, number, string, string, number];

function valuesOf(of: LiveKey): KeyValues {
  const { productId, projectId, agentId, modelId, toolId, errorTypeId, taskKind, taskResult, labelsId } = of;
  return [productId, projectId, agentId, modelId, toolId, errorTypeId, taskKind, taskResult, labelsId];
}
