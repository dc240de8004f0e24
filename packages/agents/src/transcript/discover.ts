/** Finds transcripts on disk. */
import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import type { TranscriptDiscovery, TranscriptFile } from "../contract.ts";

/** What transcripts of a product look like on disk. */
export interface TranscriptShape {
  /** Whether a file of this path is a transcript. */
  isTranscript(path: string): boolean;
  /** Folders beside transcripts that can be large and never hold one. */
  readonly foldersWithout?: ReadonlySet<string> | undefined;
  /** Files beside transcripts that are read with them. */
  readonly sideFiles?:
    | {
        isSideFile(name: string): boolean;
        /** The side file of a transcript of this name, existing or not; undefined for one that has none. */
        sideFileOf(name: string): string | undefined;
      }
    | undefined;
}

const NO_FOLDERS: ReadonlySet<string> = new Set();

/** Projects, sessions, `subagents` and workflow folders go four deep; links could go on for ever. */
const MAX_DEPTH = 8;

/**
 * Finds every transcript under the roots, each file once, also when roots are links or lie in each other. A transcript
 * counts as modified when its side file was.
 */
export function discoverTranscripts(
  roots: readonly string[],
  { isTranscript, foldersWithout = NO_FOLDERS, sideFiles }: TranscriptShape,
): TranscriptDiscovery {
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

  const addFile = (path: string, hasSideFile: boolean): void => {
    visited.add(path);
    try {
      const { ino, size, mtimeMs } = statSync(path);
      // A side file that came after its transcript changes what it says. Half a millisecond stands for it: asking for
      // its own time would double the work of a search that finds nothing new.
      files.push({
        path,
        inode: ino,
        sizeBytes: size,
        modifiedAtMillis: Math.trunc(mtimeMs) + (hasSideFile ? 0.5 : 0),
      });
    } catch (error) {
      skip("file", error);
    }
  };

  const followLink = (path: string, depth: number): void => {
    try {
      const target = realpathSync(path);
      if (statSync(target).isDirectory()) visitFolder(target, depth);
      else if (isTranscript(target) && !visited.has(target)) addFile(target, hasSideFileOnDisk(target));
    } catch (error) {
      skip("file", error);
    }
  };

  const hasSideFileOnDisk = (path: string): boolean => {
    const name = sideFiles?.sideFileOf(basename(path));
    return name !== undefined && existsSync(join(dirname(path), name));
  };

  const visitEntry = (folder: string, entry: Dirent, depth: number, sideNames: ReadonlySet<string>): void => {
    if (entry.isFile()) {
      const path = folder + sep + entry.name;
      if (!isTranscript(path) || visited.has(path)) return;
      addFile(path, sideNames.size > 0 && sideNames.has(sideFiles?.sideFileOf(entry.name) ?? ""));
    } else if (entry.isDirectory()) {
      if (!foldersWithout.has(entry.name)) visitFolder(folder + sep + entry.name, depth + 1);
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
      const sideNames = new Set<string>();
      if (sideFiles !== undefined) for (const { name } of entries) if (sideFiles.isSideFile(name)) sideNames.add(name);
      for (const entry of entries) if (!entry.isDirectory()) visitEntry(folder, entry, depth, sideNames);
      for (const entry of entries) if (entry.isDirectory()) visitEntry(folder, entry, depth, sideNames);
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
