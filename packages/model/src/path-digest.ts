/** How a changed file is named where its path must not stand: in the spool, which has no key of its own, and on the network. */
import type { Fact } from "./facts.ts";

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Whether a text names a file by the digest of its path. */
export function isPathDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** The digest of a path, and of a digest the same again. The ledger hashes it once more, under the store's key. */
export function pathDigest(path: string): string {
  if (isPathDigest(path)) return path;
  // Loading the module takes longer than opening the store, so it waits for the first path.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return `sha256:${createHash("sha256").update(path).digest("hex")}`;
}

/** The fact, with the digest of its path where it has a path. */
export function withoutPath(fact: Fact): Fact {
  return fact.kind === "file_change" ? { ...fact, path: pathDigest(fact.path) } : fact;
}
