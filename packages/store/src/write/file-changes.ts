/** Files that tasks changed: distinct paths per task, kept only as hashes under a key of this store. */
import type { FileChangeFact } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import type { SessionRows } from "./session-rows.ts";
import type { TaskRows } from "./task-rows.ts";

export interface FileChanges {
  /** Stores a change; of several times the earliest is kept. */
  add(fact: FileChangeFact): "inserted" | "changed" | "same";
}

const HASH_BYTES = 6;
const MAX_REMEMBERED = 20_000;

/** @param pathKey the secret of this store; without it a hash cannot be tried against a list of paths. */
export function createFileChanges(
  database: Database,
  sessions: SessionRows,
  tasks: TaskRows,
  pathKey: Buffer,
): FileChanges {
  const insert = database.prepare<[number, number, string, number]>(
    `INSERT INTO file_change (task_id, path_hash, change, changed_at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const moveBack = database.prepare<[number, number, number, string, number]>(
    "UPDATE file_change SET changed_at = ? WHERE task_id = ? AND path_hash = ? AND change = ? AND changed_at > ?",
  );
  const hashes = new Map<string, number>();
  const hashOf = (path: string): number => {
    const known = hashes.get(path);
    if (known !== undefined) return known;
    // Loading the module takes longer than opening the store, so it waits for the first path.
    const { createHmac } = process.getBuiltinModule("node:crypto");
    const hash = createHmac("sha256", pathKey).update(path).digest().readUIntBE(0, HASH_BYTES);
    if (hashes.size >= MAX_REMEMBERED) hashes.clear();
    hashes.set(path, hash);
    return hash;
  };
  return {
    add(fact) {
      sessions.touch(sessions.get(fact.product, fact.sessionId), fact.atMillis, fact.atMillis);
      tasks.touch(fact.product, fact.taskId, fact.sessionId, fact.atMillis, fact.atMillis);
      const task = tasks.get(fact.product, fact.taskId, fact.sessionId);
      const pathHash = hashOf(fact.path);
      if (insert.run(task.id, pathHash, fact.change, fact.atMillis).changes === 1) return "inserted";
      return moveBack.run(fact.atMillis, task.id, pathHash, fact.change, fact.atMillis).changes === 1
        ? "changed"
        : "same";
    },
  };
}
