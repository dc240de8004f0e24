/** Sessions inside a write transaction. */
import { type SessionFact, WITNESS_RANK } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { decodeActivity, encodeActivity, joinActivity, MAX_ACTIVE_GAP_MILLIS } from "../merge/activity.ts";
import { ranked } from "../merge/ranked.ts";
import { EMPTY_SESSION, mergeSessions, type SessionState, sessionStateOf } from "../merge/session.ts";
import { rowRange } from "./locator.ts";
import { createRowNumbers } from "./row-numbers.ts";
import { isSameRow } from "./same-row.ts";
import { NO_STRING, type Strings } from "./strings.ts";
import { changeTotals, noTotals, type Shares, TOTALS, type Totals, type TotalsRow, totalsOfRow } from "./totals.ts";

/** A session that the current transaction works with. */
export interface SessionEntry {
  readonly id: number;
  readonly product: string;
  readonly productId: number;
  readonly sessionId: string;
  /** Counted under this project before the transaction. */
  readonly storedProjectId: number;
  /** Will be counted under this project after the transaction. */
  projectId: number;
  state: SessionState;
  /** Sums over its calls. */
  readonly totals: Totals;
  /** Moments and intervals in which its facts lie, not yet joined into the state. */
  seen: { startMillis: number; endMillis: number }[];
  isNew: boolean;
  isChanged: boolean;
}

export interface SessionRows {
  /** The session, created when it is not known yet. */
  get(product: string, sessionId: string): SessionEntry;
  /** The session of a row number. */
  byId(id: number): SessionEntry;
  /** Merges what a witness says of a session. */
  merge(fact: SessionFact): void;
  /** Notes that something happened in a session. */
  touch(entry: SessionEntry, startMillis: number, endMillis: number): void;
  /** Moves the totals when a call of the session adds its shares, or no longer adds them. */
  changeTotals(entry: SessionEntry, shares: Shares, sign: 1 | -1): void;
  /** Settles what this transaction knows: afterwards `projectId` of every entry is final. Returns moved sessions. */
  settle(): SessionEntry[];
  /** Writes changed rows; returns how many were new and how many changed. */
  flush(): { inserted: number; changed: number };
  forget(): void;
}

interface SessionRow extends TotalsRow {
  id: number;
  product_id: number;
  session_key: string;
  project_id: number;
  project_rank: number;
  branch_id: number;
  branch_rank: number;
  branch_at: number;
  version_id: number;
  version_rank: number;
  has_ended: number;
  activity: string;
}

/** The row numbers between which the calls of a session lie. */
export function rowRangeOfSession({ state }: SessionEntry): { firstId: number; lastId: number } {
  return rowRange(state.activity[0]?.startMillis ?? 0, state.activity.at(-1)?.endMillis ?? 0);
}

const MAX_REMEMBERED = 5_000;
/** Joining intervals costs a sort, so moments are gathered first. */
const MAX_GATHERED_MOMENTS = 4_096;

export function createSessionRows(database: Database, strings: Strings): SessionRows {
  const selectByKey = database.prepare<[number, string], SessionRow>(
    "SELECT * FROM session WHERE product_id = ? AND session_key = ?",
  );
  const selectById = database.prepare<[number], SessionRow>("SELECT * FROM session WHERE id = ?");
  const insert = database.prepare<(number | string)[]>(
    `INSERT INTO session (${WRITTEN_COLUMNS.join(", ")}, id, product_id, session_key)
     VALUES (${WRITTEN_COLUMNS.map(() => "?").join(", ")}, ?, ?, ?)`,
  );
  const update = database.prepare<(number | string)[]>(
    `UPDATE session SET ${WRITTEN_COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`,
  );
  const mergeTag = database.prepare<[number, number, number, number]>(
    `INSERT INTO session_tag (session_id, key_id, value_id, rank) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET value_id = excluded.value_id, rank = excluded.rank
     WHERE excluded.rank > rank OR (excluded.rank = rank
       AND (SELECT text FROM string WHERE id = excluded.value_id) > (SELECT text FROM string WHERE id = value_id))`,
  );
  const rowNumbers = createRowNumbers(database, "session");
  const byKey = new Map<string, SessionEntry>();
  const entries = new Map<number, SessionEntry>();

  /** Facts come in runs of one session, so the last one is asked for again and again. */
  let last: SessionEntry | undefined;

  const remember = (entry: SessionEntry): SessionEntry => {
    if (last?.id === entry.id) last = entry;
    byKey.set(`${entry.productId}|${entry.sessionId}`, entry);
    entries.set(entry.id, entry);
    return entry;
  };

  const load = (row: SessionRow): SessionEntry =>
    remember({
      id: row.id,
      product: strings.textOf(row.product_id),
      productId: row.product_id,
      sessionId: row.session_key,
      storedProjectId: row.project_id,
      projectId: row.project_id,
      state: decodeRow(row, strings),
      totals: totalsOfRow(row),
      seen: [],
      isNew: false,
      isChanged: false,
    });

  const join = (entry: SessionEntry): void => {
    if (entry.seen.length === 0) return;
    entry.state = { ...entry.state, activity: joinActivity([...entry.state.activity, ...entry.seen]) };
    entry.seen = [];
  };

  const find = (product: string, sessionId: string): SessionEntry => {
    const productId = strings.idOf(product);
    const known = byKey.get(`${productId}|${sessionId}`);
    if (known !== undefined) return known;
    const row = selectByKey.get(productId, sessionId);
    if (row !== undefined) return load(row);
    return remember({
      id: rowNumbers.next(),
      product,
      productId,
      sessionId,
      storedProjectId: NO_STRING,
      projectId: NO_STRING,
      state: EMPTY_SESSION,
      totals: noTotals(),
      seen: [],
      isNew: true,
      isChanged: true,
    });
  };

  return {
    get(product, sessionId) {
      if (last?.sessionId === sessionId && last.product === product) return last;
      last = find(product, sessionId);
      return last;
    },
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
      entry.isChanged = true;
      for (const [key, value] of Object.entries(fact.tags ?? {})) {
        mergeTag.run(entry.id, strings.idOf(key), strings.idOf(value), WITNESS_RANK[fact.witness]);
      }
    },
    touch(entry, startMillis, endMillis) {
      entry.isChanged = true;
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
    changeTotals(entry, shares, sign) {
      changeTotals(entry.totals, shares, sign);
      entry.isChanged = true;
    },
    settle() {
      const moved: SessionEntry[] = [];
      for (const entry of entries.values()) {
        if (!entry.isChanged) continue;
        join(entry);
        entry.projectId = strings.idOf(entry.state.project?.value);
        if (!entry.isNew && entry.projectId !== entry.storedProjectId) moved.push(entry);
      }
      return moved;
    },
    flush() {
      let inserted = 0;
      let changed = 0;
      for (const entry of entries.values()) {
        if (!entry.isChanged) continue;
        const values = [...encodeState(entry.state, entry.projectId, strings), ...entry.totals];
        const before = entry.isNew ? undefined : selectById.get(entry.id);
        if (entry.isNew) {
          insert.run(...values, entry.id, entry.productId, entry.sessionId);
          inserted += 1;
        } else if (before === undefined || !isSameRow(before, WRITTEN_COLUMNS, values)) {
          update.run(...values, entry.id);
          changed += 1;
        }
        remember({ ...entry, storedProjectId: entry.projectId, isNew: false, isChanged: false });
      }
      if (entries.size > MAX_REMEMBERED) this.forget();
      return { inserted, changed };
    },
    forget() {
      last = undefined;
      byKey.clear();
      entries.clear();
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
  ...TOTALS,
] as const;

function encodeState(state: SessionState, projectId: number, strings: Strings): (number | string)[] {
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

function decodeRow(row: SessionRow, strings: Strings): SessionState {
  return {
    project: row.project_rank === 0 ? undefined : ranked(row.project_rank, strings.textOf(row.project_id)),
    branch:
      row.branch_rank === 0
        ? undefined
        : ranked(row.branch_rank, { branch: strings.textOf(row.branch_id), atMillis: row.branch_at }),
    version: row.version_rank === 0 ? undefined : ranked(row.version_rank, strings.textOf(row.version_id)),
    hasEnded: row.has_ended === 1,
    activity: decodeActivity(row.activity),
  };
}
