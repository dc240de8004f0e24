/** Finds transcripts on disk. */
import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { sep } from "node:path";
import type { TranscriptDiscovery, TranscriptFile } from "../contract.ts";

/** Folders beside transcripts that can be large and never hold one. */
const FOLDERS_WITHOUT_TRANSCRIPTS: ReadonlySet<string> = new Set(["tool-results", "memory"]);

/** Projects, sessions, `subagents` and workflow folders go four deep; links could go on for ever. */
const MAX_DEPTH = 8;

/** Finds every `*.jsonl` under the roots, each file once, also when roots are links or lie in each other. */
export function discoverTranscripts(roots: readonly string[]): TranscriptDiscovery {
  const files: TranscriptFile[] = [];
  const skipped = new Map<string, number>();
  const visited = new Set<string>();

  const skip = (what: "file" | "folder", error: unknown): void => {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    // What vanished while we looked, or never was there, is not missed.
    if (code === "ENOENT" || code === "ENOTDIR") return;
    const reason = `unreadable ${what}: ${code}`;
    skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  };

  const addFile = (path: string): void => {
    try {
      const { ino, size, mtimeMs } = statSync(path);
      files.push({ path, inode: ino, sizeBytes: size, modifiedAtMillis: Math.trunc(mtimeMs) });
    } catch (error) {
      skip("file", error);
    }
  };

  const followLink = (path: string, depth: number): void => {
    try {
      const target = realpathSync(path);
      if (statSync(target).isDirectory()) visitFolder(target, depth);
      else if (target.endsWith(".jsonl") && !visited.has(target)) {
        visited.add(target);
        addFile(target);
      }
    } catch (error) {
      skip("file", error);
    }
  };

  const visitEntry = (folder: string, entry: Dirent, depth: number): void => {
    if (entry.isFile()) {
      if (!entry.name.endsWith(".jsonl")) return;
      const path = folder + sep + entry.name;
      if (!visited.has(path)) addFile(path);
    } else if (entry.isDirectory()) {
      if (!FOLDERS_WITHOUT_TRANSCRIPTS.has(entry.name)) visitFolder(folder + sep + entry.name, depth + 1);
    } else if (entry.isSymbolicLink()) {
      followLink(folder + sep + entry.name, depth + 1);
    }
  };

  const visitFolder = (folder: string, depth: number): void => {
    if (depth > MAX_DEPTH || visited.has(folder)) return;
    visited.add(folder);
    try {
      const entries = readdirSync(folder, { withFileTypes: true });
      // A session before its subagents: what its transcript says of the session holds for theirs.
      for (const entry of entries) if (!entry.isDirectory()) visitEntry(folder, entry, depth);
      for (const entry of entries) if (entry.isDirectory()) visitEntry(folder, entry, depth);
    } catch (error) {
      skip("folder", error);
    }
  };

  for (const root of roots) {
    try {
      visitFolder(realpathSync(root), 0);
    } catch (error) {
      skip("folder", error);
    }
  }
  return { files, skipped };
}
