/** Writes the facts that wait in the spool, and removes their files. */
import { readFileSync, rmSync } from "node:fs";
import type { Fact } from "@moai-metrics/model";
import { decodeSpoolFile, listSpoolFiles, type Store } from "@moai-metrics/store";

/** What draining did. */
export interface SpoolOutcome {
  readonly filesDrained: number;
  readonly facts: number;
  /** Files that stay where they are: not whole, of a newer version, or not readable. */
  readonly unreadableFiles: readonly string[];
}

/** Under which product entries of the spool that are no facts are counted as skipped. */
const SPOOL = "spool";
const INVALID_ENTRY = "entry that is no fact";

/**
 * Drains a spool, oldest file first. A file is removed after its facts are committed; a run that dies in between
 * writes them a second time, which changes nothing. Another process may drain at the same time.
 *
 * @throws StoreError when the store cannot be written; no file is lost.
 */
export function drainSpool(store: Store, folder: string): SpoolOutcome {
  const unreadableFiles: string[] = [];
  let filesDrained = 0;
  let facts = 0;
  for (const path of listSpoolFiles(folder)) {
    const content = readSpoolFile(path);
    if (content === "gone") continue;
    if (content === undefined) {
      unreadableFiles.push(path);
      continue;
    }
    const skipped =
      content.invalid > 0 ? [{ product: SPOOL, path, reason: INVALID_ENTRY, count: content.invalid }] : [];
    store.write({ facts: content.facts, skipped, restarted: [path] });
    rmSync(path, { force: true });
    filesDrained++;
    facts += content.facts.length;
  }
  return { filesDrained, facts, unreadableFiles };
}

function readSpoolFile(path: string): { facts: readonly Fact[]; invalid: number } | "gone" | undefined {
  try {
    return decodeSpoolFile(readFileSync(path, "utf8"));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : undefined;
  }
}
