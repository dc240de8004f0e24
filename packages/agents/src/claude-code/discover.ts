/** Finds transcripts on disk. */
import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, sep } from "node:path";
import type { TranscriptDiscovery, TranscriptFile } from "../contract.ts";
import { agentMetaPath, isAgentMeta } from "./agent-meta.ts";
import { isAgentTranscript } from "./paths.ts";

/** Folders beside transcripts that can be large and never hold one. */
const FOLDERS_WITHOUT_TRANSCRIPTS: ReadonlySet<string> = new Set(["tool-results", "memory"]);

/** Projects, sessions, `subagents` and workflow folders go four deep; links could go on for ever. */
const MAX_DEPTH = 8;

/**
 * Finds every `*.jsonl` under the roots, each file once, also when roots are links or lie in each other. A subagent's
 * transcript counts as modified when its side file was.
 */
export function discoverTranscripts(roots: readonly string[]): TranscriptDiscovery {
  const files: TranscriptFile[] = [];
  const skipped = new Map<string, number>();
  const visited = new Set<string>();

  const count = (reason: string): void => {
    skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  };

  const skip = (what: "file" | "folder", error: unknown): void => {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    // What vanished while we looked, or never was there, is not missed.
    if (code !== "ENOENT" && code !== "ENOTDIR") count(`unreadable ${what}: ${code}`);
  };

  const addFile = (path: string, hasMeta: boolean): void => {
    visited.add(path);
    try {
      const { ino, size, mtimeMs } = statSync(path);
      // A side file that came after its transcript names the agent anew. Half a millisecond stands for it: asking for
      // its own time would double the work of a search that finds nothing new.
      files.push({ path, inode: ino, sizeBytes: size, modifiedAtMillis: Math.trunc(mtimeMs) + (hasMeta ? 0.5 : 0) });
    } catch (error) {
      skip("file", error);
    }
  };

  const followLink = (path: string, depth: number): void => {
    try {
      const target = realpathSync(path);
      if (statSync(target).isDirectory()) visitFolder(target, depth);
      else if (target.endsWith(".jsonl") && !visited.has(target)) addFile(target, hasAgentMeta(target));
    } catch (error) {
      skip("file", error);
    }
  };

  const visitEntry = (folder: string, entry: Dirent, depth: number, metaNames: ReadonlySet<string>): void => {
    if (entry.isFile()) {
      if (!entry.name.endsWith(".jsonl")) return;
      const path = folder + sep + entry.name;
      if (!visited.has(path)) addFile(path, metaNames.size > 0 && metaNames.has(agentMetaPath(entry.name)));
    } else if (entry.isDirectory()) {
      if (!FOLDERS_WITHOUT_TRANSCRIPTS.has(entry.name)) visitFolder(folder + sep + entry.name, depth + 1);
    } else if (entry.isSymbolicLink()) {
      followLink(folder + sep + entry.name, depth + 1);
    }
  };

  const visitFolder = (folder: string, depth: number): void => {
    if (visited.has(folder)) return;
    if (depth > MAX_DEPTH) {
      count("unreadable folder: too deep");
      return;
    }
    visited.add(folder);
    try {
      const entries = readdirSync(folder, { withFileTypes: true });
      // A session before its subagents: what its transcript says of the session holds for theirs.
      const metaNames = new Set<string>();
      for (const { name } of entries) if (isAgentMeta(name)) metaNames.add(name);
      for (const entry of entries) if (!entry.isDirectory()) visitEntry(folder, entry, depth, metaNames);
      for (const entry of entries) if (entry.isDirectory()) visitEntry(folder, entry, depth, metaNames);
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

function hasAgentMeta(path: string): boolean {
  return isAgentTranscript(basename(path)) && existsSync(agentMetaPath(path));
}
