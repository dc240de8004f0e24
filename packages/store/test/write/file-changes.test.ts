import { createHmac } from "node:crypto";
import type { FileChangeFact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { decodeSpoolFile, encodeSpoolFile, type Store } from "../../src/index.ts";
import { NOON, task, temporaryStore } from "../helpers.ts";

const change = (path: string): FileChangeFact => ({
  kind: "file_change",
  witness: "process",
  product: "claude-code",
  sessionId: "s1",
  taskId: "t1",
  path,
  change: "modified",
  atMillis: NOON,
});

function hashesIn({ path }: Store): unknown[] {
  const database = new Database(path, { readonly: true });
  const hashes = database.prepare("SELECT path_hash FROM file_change").pluck().all();
  database.close();
  return hashes;
}

it("counts a file once that was told directly and through the spool", () => {
  const store = temporaryStore();
  const facts = [task(), change("/home/dev/secret-plan.md")];
  store.write({ facts });
  store.write({ facts: decodeSpoolFile(encodeSpoolFile(facts))?.facts ?? [] });
  expect(hashesIn(store)).toHaveLength(1);
  store.write({ facts: [change("/home/dev/other.md")] });
  expect(hashesIn(store)).toHaveLength(2);
});

it("counts a file once that an earlier version has stored under the hash of its path", () => {
  const store = temporaryStore();
  store.write({ facts: [task(), change("/home/dev/a.ts")] });
  const database = new Database(store.path);
  const key = database.prepare<[], Buffer>("SELECT value FROM meta WHERE key = 'path_key'").pluck().get();
  const old = createHmac("sha256", key ?? "")
    .update("/home/dev/a.ts")
    .digest()
    .readUIntBE(0, 6);
  database.prepare("UPDATE file_change SET path_hash = ?").run(old);
  database.close();
  store.write({ facts: [change("/home/dev/a.ts")] });
  expect(hashesIn(store)).toEqual([old]);
});
