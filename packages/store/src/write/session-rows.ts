/** Sessions inside a write transaction. */
import { type SessionFact, WITNESS_RANK } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import type { AdoptedRows } from "../adopt/types.ts";
import type { LiveChanges } from "../live/live-changes.ts";
import { createSessionLabels } from "../live/session-labels.ts";
import { decodeActivity, encodeActivity, joinActivity, MAX_ACTIVE_GAP_MILLIS } from "../merge/activity.ts";
import { ranked } from "../merge/ranked.ts";
import { EMPTY_SESSION, mergeSessions, type SessionState, sessionStateOf } from "../merge/session.ts";
import type { SqlValue } from "./bulk-insert.ts";
import { createKeyedEntries } from "./keyed-entries.ts";
import type { RowOwner } from "./owned-rows.ts";
import { createRowNumbers } from "./row-numbers.ts";
import { createRowUpdate } from "./row-update.ts";
import { isSameRow } from "./same-row.ts";
import { NO_STRING, type Strings } from "./strings.ts";
import {
  changeTotals,
  noTotals,
  RARE_TOTALS,
  type Shares,
  TOTALS,
  type Totals,
  totalsOf,
  usageCalls,
} from "./totals.ts";

/** A session that the current transaction works with. */
export interface SessionEntry {
  readonly id: number;
  readonly product: string;
  readonly productId: number;
  readonly sessionId: string;
  /** Counted under this project before the transaction. */
  storedProjectId: number;
  /** Counted under these labels before the transaction. */
  storedLabelsId: number;
  /** The row as it is in the file, in the order of the written columns; undefined for one that is not there yet. */
  storedValues: readonly SqlValue[] | undefined;
  /** Will be counted under this project after the transaction. */
  projectId: number;
  /** Will be counted under these labels after the transaction. */
  labelsId: number;
  /** Its labels were looked up, and none of its tags has changed since. */
  areLabelsKnown: boolean;
  state: SessionState;
  /** Sums over its calls. */
  readonly totals: Totals;
  /** The usage in its totals is what a metric told, and no call. */
  isByMetric: boolean;
  /** Its duration is in the live counters: once, however often it is taken up again. */
  isLive: boolean;
  /** That it is over, when the current transaction learns it. */
  end: SessionEnd | undefined;
  /** Moments and intervals in which its facts lie, not yet joined into the state. */
  seen: { startMillis: number; endMillis: number }[];
  isChanged: boolean;
}

/** A session is over, unless something happened in it later. */
interface SessionEnd {
  readonly lastSeenMillis: number;
  readonly knownAtMillis: number;
}

export interface SessionRows {
  /** The session, created when it is not known yet. */
  get(product: string, sessionId: string): SessionEntry;
  /** The session, if it is known. */
  find(product: string, sessionId: string): SessionEntry | undefined;
  /** The session of a row number. */
  byId(id: number): SessionEntry;
  /** Merges what a witness says of a session. */
  merge(fact: SessionFact): void;
  /** Merges what another store knows of a session. */
  adopt(session: NonNullable<AdoptedRows["sessions"]>[number]): void;
  /** Notes that something happened in a session. */
  touch(entry: SessionEntry, startMillis: number, endMillis: number): void;
  /** Notes that nothing has happened in it for so long that it is over. */
  giveUp(entry: SessionEntry, silentMillis: number): void;
  /** Notes whether its usage is what a metric told. */
  setByMetric(entry: SessionEntry, isByMetric: boolean): void;
  /** Moves the totals when a call of the session adds its shares, or no longer adds them. */
  changeTotals(entry: SessionEntry, shares: Shares, sign: 1 | -1): void;
  /** Settles what this transaction knows: afterwards `projectId` and `labelsId` of every entry are final. Returns moved sessions. */
  settle(): SessionEntry[];
  /** Writes changed rows; returns how many were new and how many changed. */
  flush(): { inserted: number; changed: number };
  forget(): void;
}

type SessionRow = readonly [id: number, productId: number, sessionKey: string, ...values: SessionValues];

/** In the order of {@link WRITTEN_COLUMNS}. */
type SessionValues = readonly [
  projectId: number,
  projectRank: number,
  branchId: number,
  branchRank: number,
  branchAtMillis: number,
  versionId: number,
  versionRank: number,
  startedAtMillis: number,
  endedAtMillis: number,
  hasEnded: number,
  activity: string,
  isByMetric: number,
  isLive: number,
  labelsId: number,
  ...totals: number[],
];

/** Whether calls of the session, as it is stored, told their usage: then what a metric tells is not counted. */
export function hasCallsWithUsage({ totals, isByMetric }: SessionEntry): boolean {
  return !isByMetric && usageCalls(totals) > 0;
}

/** What a session was counted under before the transaction. */
export function storedUnder(session: SessionEntry): Pick<SessionEntry, "projectId" | "labelsId"> {
  return { projectId: session.storedProjectId, labelsId: session.storedLabelsId };
}

/** How the calls of a session are found. */
export function ownerOfSession({ id, state }: SessionEntry): RowOwner {
  const startMillis = state.activity[0]?.startMillis ?? 0;
  return { id, startMillis, endMillis: state.activity.at(-1)?.endMillis ?? 0, strayMillis: 0 };
}

const MAX_REMEMBERED = 5_000;
/** Joining intervals costs a sort, so moments are gathered first. */
const MAX_GATHERED_MOMENTS = 4_096;

/** @param live where durations are counted; nowhere for who only reads. */
export function createSessionRows(
  database: Database,
  strings: Strings,
  live?: Pick<LiveChanges, "addSession">,
): SessionRows {
  const columns = ["id", "product_id", "session_key", ...WRITTEN_COLUMNS].join(", ");
  const selectByKey = database
    .prepare<[number, string], SessionRow>(`SELECT ${columns} FROM session WHERE product_id = ? AND session_key = ?`)
    .raw();
  const selectById = database.prepare<[number], SessionRow>(`SELECT ${columns} FROM session WHERE id = ?`).raw();
  const insert = database.prepare<SqlValue[]>(
    `INSERT INTO session (${WRITTEN_COLUMNS.join(", ")}, id, product_id, session_key)
     VALUES (${WRITTEN_COLUMNS.map(() => "?").join(", ")}, ?, ?, ?)`,
  );
  const update = createRowUpdate(database, "session", WRITTEN_COLUMNS, [
    ["ended_at"],
    ["project_id", "project_rank", "branch_id", "branch_rank", "branch_at", "version_id", "version_rank", "started_at"],
    ["has_ended", "is_by_metric", "is_live", "labels_id"],
    ...RARE_TOTALS,
  ]);
  const mergeTag = database.prepare<[number, number, number, number]>(
    `INSERT INTO session_tag (session_id, key_id, value_id, rank) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET value_id = excluded.value_id, rank = excluded.rank
     WHERE excluded.rank > rank OR (excluded.rank = rank
       AND (SELECT text FROM string WHERE id = excluded.value_id) > (SELECT text FROM string WHERE id = value_id))`,
  );
  const labels = createSessionLabels(database, strings);
  const rowNumbers = createRowNumbers(database, "session");
  const byKey = createKeyedEntries<SessionEntry>();
  const entries = new Map<number, SessionEntry>();
  /** Those of the current transaction: many more are remembered than one of them works with. */
  let changedEntries: SessionEntry[] = [];

  const markChanged = (entry: SessionEntry): void => {
    if (entry.isChanged) return;
    entry.isChanged = true;
    changedEntries.push(entry);
  };

  const remember = (entry: SessionEntry): SessionEntry => {
    byKey.set(entry.product, entry.sessionId, entry);
    entries.set(entry.id, entry);
    return entry;
  };

  const load = ([id, productId, sessionId, ...values]: SessionRow): SessionEntry => {
    const [projectId] = values;
    return remember({
      id,
      product: strings.textOf(productId),
      productId,
      sessionId,
      storedProjectId: projectId,
      storedValues: values,
      projectId,
      storedLabelsId: values[LABELS_ID] as number,
      labelsId: values[LABELS_ID] as number,
      areLabelsKnown: false,
      state: decodeState(values, strings),
      totals: totalsOf(values),
      isByMetric: values[IS_BY_METRIC] === 1,
      isLive: values[IS_LIVE] === 1,
      end: undefined,
      seen: [],
      isChanged: false,
    });
  };

  const join = (entry: SessionEntry): void => {
    if (entry.seen.length === 0) return;
    const { project, branch, version, hasEnded, activity } = entry.state;
    entry.state = { project, branch, version, hasEnded, activity: joinActivity(activity.concat(entry.seen)) };
    entry.seen = [];
  };

  const noteEnd = (entry: SessionEntry, lastSeenMillis: number, silentMillis = 0): void => {
    if (lastSeenMillis >= (entry.end?.lastSeenMillis ?? 0)) {
      entry.end = { lastSeenMillis, knownAtMillis: lastSeenMillis + silentMillis };
    }
  };

  /** Once: what is taken up again after its end is in the histogram already, and a value cannot be taken back from there. */
  const countDuration = (entry: SessionEntry): void => {
    const { end, productId, projectId, labelsId, state } = entry;
    if (end === undefined) return;
    entry.end = undefined;
    const startMillis = state.activity[0]?.startMillis;
    const endMillis = lastSeenMillis(state.activity);
    if (entry.isLive || startMillis === undefined || endMillis > end.lastSeenMillis) return;
    const dimensions = { productId, projectId, agentId: NO_STRING, modelId: NO_STRING, labelsId };
    entry.isLive = live?.addSession(dimensions, endMillis - startMillis, end.knownAtMillis) ?? false;
  };

  const find = (product: string, sessionId: string): SessionEntry | undefined => {
    const row = selectByKey.get(strings.idOf(product), sessionId);
    return row === undefined ? undefined : load(row);
  };

  const create = (product: string, sessionId: string): SessionEntry => {
    const productId = strings.idOf(product);
    const entry = remember({
      id: rowNumbers.next(),
      product,
      productId,
      sessionId,
      storedProjectId: NO_STRING,
      storedValues: undefined,
      projectId: NO_STRING,
      storedLabelsId: NO_STRING,
      labelsId: NO_STRING,
      areLabelsKnown: false,
      state: EMPTY_SESSION,
      totals: noTotals(),
      isByMetric: false,
      isLive: false,
      end: undefined,
      seen: [],
      isChanged: false,
    });
    markChanged(entry);
    return entry;
  };

  return {
    get: (product, sessionId) =>
      byKey.get(product, sessionId) ?? find(product, sessionId) ?? create(product, sessionId),
    find: (product, sessionId) => byKey.get(product, sessionId) ?? find(product, sessionId),
    byId(id) {
      const known = entries.get(id);
      if (known !== undefined) return known;
      const row = selectById.get(id);
      if (row === undefined) throw new Error(`The ledger refers to session ${id}, which it does not hold.`);
      return load(row);
    },
    merge(fact) {
      const entry = this.get(fact.product, fact.sessionId);
      join(entry);
      entry.state = mergeSessions(entry.state, sessionStateOf(fact));
      markChanged(entry);
      if (fact.hasEnded) noteEnd(entry, lastSeenMillis(fact.activity));
      for (const [key, value] of Object.entries(fact.tags ?? {})) {
        entry.areLabelsKnown = false;
        mergeTag.run(entry.id, strings.idOf(key), strings.idOf(value), WITNESS_RANK[fact.witness]);
      }
    },
    adopt({ product, sessionId, state, tags }) {
      const entry = this.get(product, sessionId);
      join(entry);
      entry.state = mergeSessions(entry.state, state);
      markChanged(entry);
      if (state.hasEnded) noteEnd(entry, lastSeenMillis(state.activity));
      entry.areLabelsKnown = false;
      for (const { key, value, rank } of tags) mergeTag.run(entry.id, strings.idOf(key), strings.idOf(value), rank);
    },
    touch(entry, startMillis, endMillis) {
      markChanged(entry);
      const last = entry.seen.at(-1);
      if (
        last !== undefined &&
        last.startMillis <= startMillis &&
        startMillis - last.endMillis <= MAX_ACTIVE_GAP_MILLIS
      ) {
        if (endMillis > last.endMillis) last.endMillis = endMillis;
        return;
      }
      entry.seen.push({ startMillis, endMillis });
      if (entry.seen.length >= MAX_GATHERED_MOMENTS) join(entry);
    },
    giveUp(entry, silentMillis) {
      join(entry);
      noteEnd(entry, lastSeenMillis(entry.state.activity), silentMillis);
      markChanged(entry);
    },
    setByMetric(entry, isByMetric) {
      if (entry.isByMetric === isByMetric) return;
      entry.isByMetric = isByMetric;
      markChanged(entry);
    },
    changeTotals(entry, shares, sign) {
      changeTotals(entry.totals, shares, sign);
      markChanged(entry);
    },
    settle() {
      const moved: SessionEntry[] = [];
      const areThereLabels = labels.areThereAny();
      for (const entry of changedEntries) {
        join(entry);
        if (!entry.areLabelsKnown) entry.labelsId = areThereLabels ? labels.of(entry.id) : NO_STRING;
        entry.areLabelsKnown = true;
        entry.projectId = strings.idOf(entry.state.project?.value);
        if (entry.storedValues !== undefined && isMoved(entry)) moved.push(entry);
      }
      return moved;
    },
    flush() {
      let inserted = 0;
      let changed = 0;
      // In the order of the table, so that one page after the other is changed.
      for (const entry of changedEntries.sort((a, b) => a.id - b.id)) {
        countDuration(entry);
        const values = encodeState(entry.state, entry.projectId, strings);
        values.push(entry.isByMetric ? 1 : 0, entry.isLive ? 1 : 0, entry.labelsId);
        for (let i = 0; i < TOTALS.length; i++) values.push(entry.totals[i] as number);
        if (entry.storedValues === undefined) {
          insert.run(...values, entry.id, entry.productId, entry.sessionId);
          inserted += 1;
        } else if (!isSameRow(entry.storedValues, values)) {
          update.run(entry.id, entry.storedValues, values);
          changed += 1;
        }
        entry.storedProjectId = entry.projectId;
        entry.storedLabelsId = entry.labelsId;
        entry.storedValues = values;
        entry.isChanged = false;
      }
      changedEntries = [];
      if (entries.size > MAX_REMEMBERED) this.forget();
      return { inserted, changed };
    },
    forget() {
      byKey.clear();
      entries.clear();
      changedEntries = [];
      rowNumbers.forget();
    },
  };
}

const WRITTEN_COLUMNS = [
  "project_id",
  "project_rank",
  "branch_id",
  "branch_rank",
  "branch_at",
  "version_id",
  "version_rank",
  "started_at",
  "ended_at",
  "has_ended",
  "activity",
  "is_by_metric",
  "is_live",
  "labels_id",
  ...TOTALS,
] as const;

const IS_BY_METRIC = WRITTEN_COLUMNS.indexOf("is_by_metric");
const IS_LIVE = WRITTEN_COLUMNS.indexOf("is_live");
const LABELS_ID = WRITTEN_COLUMNS.indexOf("labels_id");

function isMoved({ projectId, storedProjectId, labelsId, storedLabelsId }: SessionEntry): boolean {
  return projectId !== storedProjectId || labelsId !== storedLabelsId;
}

function lastSeenMillis(activity: SessionState["activity"]): number {
  return activity.reduce((latest, { endMillis }) => Math.max(latest, endMillis), 0);
}

function encodeState(state: SessionState, projectId: number, strings: Strings): SqlValue[] {
  return [
    projectId,
    state.project?.rank ?? 0,
    strings.idOf(state.branch?.value.branch),
    state.branch?.rank ?? 0,
    state.branch?.value.atMillis ?? 0,
    strings.idOf(state.version?.value),
    state.version?.rank ?? 0,
    state.activity[0]?.startMillis ?? 0,
    state.activity.at(-1)?.endMillis ?? 0,
    state.hasEnded ? 1 : 0,
    encodeActivity(state.activity),
  ];
}

function decodeState(values: SessionValues, strings: Strings): SessionState {
  const [projectId, projectRank, branchId, branchRank, branchAt, versionId, versionRank, , , hasEnded, activity] =
    values;
  return {
    project: projectRank === 0 ? undefined : ranked(projectRank, strings.textOf(projectId)),
    branch: branchRank === 0 ? undefined : ranked(branchRank, { branch: strings.textOf(branchId), atMillis: branchAt }),
    version: versionRank === 0 ? undefined : ranked(versionRank, strings.textOf(versionId)),
    hasEnded: hasEnded === 1,
    activity: decodeActivity(activity),
  };
}
