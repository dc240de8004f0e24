/**
 * Takes over everything that another store holds, in transactions of some hundred facts: others read and write between
 * them, and stopped half-way, doing it again does the rest. Facts are merged as if their witnesses spoke again, so
 * doing it twice changes nothing, and it makes no difference which store takes over the other.
 */
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import Database from "better-sqlite3";
import { StoreError } from "../errors.ts";
import { acquireFileLock } from "../file-lock.ts";
import { readWatermarkDay, readWatermarkMillis } from "../maintenance/watermark.ts";
import { openDatabase } from "../open-database.ts";
import { decodeIdentity } from "../series/identity.ts";
import { createPointReader } from "../series/point-reader.ts";
import type { PointBatch, PointWriteResult } from "../series/types.ts";
import { toStoreError } from "../sqlite-errors.ts";
import type { LedgerWriteResult } from "../types.ts";
import { readOther } from "./read-other.ts";
import {
  ADOPTED_KINDS,
  type AdoptedCounts,
  type AdoptedKind,
  type AdoptedRows,
  type MergeOptions,
  type MergeOutcome,
} from "./types.ts";

/** Where it goes. */
export interface AdoptingStore {
  readonly path: string;
  readonly pathKey: Buffer;
  adopt(rows: AdoptedRows): Omit<LedgerWriteResult, "received">;
  writePoints(batch: PointBatch): PointWriteResult;
}

const POINTS_AT_ONCE = 2_000;
const COPY_PREFIX = "merging-";
/** Held as long as the copy is in use, and given back by the operating system when its holder dies. */
const LOCK_NAME = "in-use.lock.db";

/**
 * One step a transaction. The other file is copied first, so that all of it is of one state, an older version can be
 * brought up to date, and nothing in it is ever changed.
 * @throws StoreError `not_found`, `not_our_file`, `newer_version`, `damaged`, `full`.
 */
export function* mergeSteps(
  store: AdoptingStore,
  { other: wanted }: Pick<MergeOptions, "other">,
): Generator<{ readonly kind: AdoptedKind; readonly read: number }, MergeOutcome> {
  const other = resolve(wanted);
  requireOther(store.path, other);
  removeLeftCopies(dirname(store.path));
  const folder = mkdtempSync(join(dirname(store.path), COPY_PREFIX));
  const lock = acquireFileLock(join(folder, LOCK_NAME));
  const account = createAccount();
  let database: Database.Database | undefined;
  try {
    const copy = join(folder, "other.db");
    copyOther(other, copy);
    ({ database } = openDatabase({ path: copy }));
    const otherKey = database.prepare<[], Buffer>("SELECT value FROM meta WHERE key = 'path_key'").pluck().get();
    for (const { kind, read, rows } of readOther(database, otherKey?.equals(store.pathKey) ?? true)) {
      const { inserted, changed, refused } = store.adopt(rows);
      account.add(kind, { read, added: inserted, changed, refused });
      yield { kind, read: account.read(kind) };
    }
    for (const batch of readPoints(database)) {
      const { inserted, refused } = store.writePoints(batch);
      const read = batch.series.reduce((sum, { points }) => sum + points.length, 0);
      account.add("points", { read, added: inserted, changed: 0, refused });
      yield { kind: "points", read: account.read("points") };
    }
    const isAllThere = readWatermarkDay(database) === undefined;
    return { kinds: account.kinds(), factsFromMillis: isAllThere ? undefined : readWatermarkMillis(database) };
  } finally {
    database?.close();
    lock?.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies of merges that were killed: no one holds their locks any more. */
function removeLeftCopies(storage: string): void {
  for (const name of readdirSync(storage)) {
    const lockPath = join(storage, name, LOCK_NAME);
    if (!name.startsWith(COPY_PREFIX) || !existsSync(lockPath)) continue;
    const lock = acquireFileLock(lockPath);
    if (lock === undefined) continue;
    lock.release();
    rmSync(join(storage, name), { recursive: true, force: true });
  }
}

function requireOther(path: string, other: string): void {
  if (!existsSync(other))
    throw new StoreError("not_found", `There is no store at ${other}. Give the path of its metrics.db.`);
  const [here, there] = [statSync(path), statSync(other)];
  if (here.ino === there.ino && here.dev === there.dev) {
    throw new StoreError("cannot_open", `${other} is this store itself. Give the path of another one.`);
  }
}

function copyOther(other: string, copy: string): void {
  closeSync(openSync(copy, "wx", 0o600));
  let source: Database.Database | undefined;
  try {
    source = new Database(other, { readonly: true, fileMustExist: true });
    source.prepare("VACUUM INTO ?").run(copy);
  } catch (error) {
    throw toStoreError(error, other, "open");
  } finally {
    source?.close();
  }
}

/** Single points of every metric, page by page. */
function* readPoints(database: Database.Database): Generator<PointBatch> {
  const reader = createPointReader(database);
  const identities = database.prepare<[], string>("SELECT identity FROM series").pluck().all();
  const metrics = new Set(identities.map((identity) => decodeIdentity(identity).metric));
  for (const metric of metrics) {
    let cursor: string | undefined;
    do {
      const page = reader.points({ metric, limit: POINTS_AT_ONCE, cursor });
      if (page.series.length > 0) yield { series: page.series };
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}

interface Account {
  add(kind: AdoptedKind, counts: AdoptedCounts): void;
  read(kind: AdoptedKind): number;
  kinds(): Readonly<Record<AdoptedKind, AdoptedCounts>>;
}

const NOTHING: AdoptedCounts = Object.freeze({ read: 0, added: 0, changed: 0, refused: {} });

function createAccount(): Account {
  const sums = new Map<AdoptedKind, AdoptedCounts>(ADOPTED_KINDS.map((kind) => [kind, NOTHING]));
  const of = (kind: AdoptedKind): AdoptedCounts => sums.get(kind) ?? NOTHING;
  return {
    add: (kind, { read, added, changed, refused }) => {
      const before = of(kind);
      const reasons = { ...before.refused };
      for (const [reason, count] of Object.entries(refused)) reasons[reason] = (reasons[reason] ?? 0) + count;
      sums.set(kind, {
        read: before.read + read,
        added: before.added + added,
        changed: before.changed + changed,
        refused: reasons,
      });
    },
    read: (kind) => of(kind).read,
    kinds: () => Object.fromEntries(sums) as Record<AdoptedKind, AdoptedCounts>,
  };
}
