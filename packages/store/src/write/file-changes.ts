/** Files that tasks changed: distinct paths per task, kept only as hashes under a key of this store. */
import { type FileChangeFact, isPathDigest, pathDigest } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import type { AdoptedFiles } from "../adopt/types.ts";
import type { LiveChanges } from "../live/live-changes.ts";
import type { SessionRows } from "./session-rows.ts";
import { NO_STRING } from "./strings.ts";
import type { TaskRows } from "./task-rows.ts";

export interface FileChanges {
  /** Stores a change; of several times the earliest is kept. */
  add(fact: FileChangeFact): "inserted" | "changed" | "same";
  /**
   * Takes over files of another store. Under another key no one can tell which of them are the same: then there are as
   * many afterwards as the store with more of them has.
   */
  adopt(files: AdoptedFiles): { readonly inserted: number; readonly changed: number };
  /** Counts what was added, when agents and projects are settled. */
  flush(): void;
  forget(): void;
}

const HASH_BYTES = 6;
const MAX_REMEMBERED = 20_000;

interface PathHashes {
  /** Of the digest of the path, which is all that a fact from the spool knows of it. */
  readonly current: number;
  /** Of the path itself, as it was hashed before; undefined when the path is not known. */
  readonly old: number | undefined;
}

/** @param pathKey the secret of this store; without it a hash cannot be tried against a list of paths. */
export function createFileChanges(
  database: Database,
  sessions: SessionRows,
  tasks: TaskRows,
  live: LiveChanges,
  pathKey: Buffer,
): FileChanges {
  const insert = database.prepare<[number, number, string, number]>(
    `INSERT INTO file_change (task_id, path_hash, change, changed_at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const moveBack = database.prepare<[number, number, number, string, number]>(
    "UPDATE file_change SET changed_at = ? WHERE task_id = ? AND path_hash = ? AND change = ? AND changed_at > ?",
  );
  const isStored = database
    .prepare<[number, number, string], number>(
      "SELECT 1 FROM file_change WHERE task_id = ? AND path_hash = ? AND change = ?",
    )
    .pluck();
  let added: FileChangeFact[] = [];
  const knownHashes = database
    .prepare<[number, string], number>("SELECT path_hash FROM file_change WHERE task_id = ? AND change = ?")
    .pluck();
  const hashes = new Map<string, PathHashes>();
  const hashesOfPath = (path: string): PathHashes => {
    const known = hashes.get(path);
    if (known !== undefined) return known;
    const { createHmac } = process.getBuiltinModule("node:crypto");
    const hash = (text: string): number =>
      createHmac("sha256", pathKey).update(text).digest().readUIntBE(0, HASH_BYTES);
    const made = { current: hash(pathDigest(path)), old: isPathDigest(path) ? undefined : hash(path) };
    if (hashes.size >= MAX_REMEMBERED) hashes.clear();
    hashes.set(path, made);
    return made;
  };
  /** A row that is there under the old hash stays, so that no file counts twice. */
  const hashOf = (taskId: number, { path, change }: FileChangeFact): number => {
    const { current, old } = hashesOfPath(path);
    return old !== undefined && isStored.get(taskId, old, change) !== undefined ? old : current;
  };
  return {
    add(fact) {
      sessions.touch(sessions.get(fact.product, fact.sessionId), fact.atMillis, fact.atMillis);
      tasks.touch(fact.product, fact.taskId, fact.sessionId, fact.atMillis, fact.atMillis);
      const task = tasks.get(fact.product, fact.taskId, fact.sessionId);
      const pathHash = hashOf(task.id, fact);
      if (insert.run(task.id, pathHash, fact.change, fact.atMillis).changes === 1) {
        added.push(fact);
        return "inserted";
      }
      return moveBack.run(fact.atMillis, task.id, pathHash, fact.change, fact.atMillis).changes === 1
        ? "changed"
        : "same";
    },
    adopt({ product, sessionId, taskId, change, files, isSameKey }) {
      const { id } = tasks.get(product, taskId, sessionId);
      const known = new Set(knownHashes.all(id, change));
      let room = isSameKey ? Number.POSITIVE_INFINITY : files.length - known.size;
      let [inserted, changed] = [0, 0];
      for (const { pathHash, atMillis } of files) {
        if (known.has(pathHash)) changed += moveBack.run(atMillis, id, pathHash, change, atMillis).changes;
        else if (room-- > 0) inserted += insert.run(id, pathHash, change, atMillis).changes;
      }
      return { inserted, changed };
    },
    flush() {
      for (const { product, sessionId, taskId, change, atMillis } of added) {
        const { productId, projectId, labelsId } = sessions.get(product, sessionId);
        const { agentId } = tasks.get(product, taskId, sessionId);
        live.addFile({ productId, projectId, agentId, modelId: NO_STRING, labelsId }, change, atMillis);
      }
      added = [];
    },
    forget() {
      added = [];
    },
  };
}
