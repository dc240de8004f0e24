/** Writes the facts and points that wait in the spool, and removes their files. */
import { readFileSync, rmSync } from "node:fs";
import {
  decodeJournal,
  decodeSpoolFile,
  type FileSkipCount,
  isNewerSpoolText,
  listLeftJournals,
  listLeftSpoolFiles,
  listSpoolFiles,
  NO_POINTS,
  type SpoolContent,
  type Store,
} from "@moai-metrics/store";
import { renameIfThere } from "./rename-if-there.ts";

/** What draining did. */
export interface SpoolOutcome {
  readonly filesDrained: number;
  readonly facts: number;
  /** Data points of metrics, those that the store refused included. */
  readonly points: number;
  /** Files that stay where they are: of a newer version, or not readable. */
  readonly unreadableFiles: readonly string[];
  /** Files that are damaged; they were set aside under a name with `.broken` behind it. */
  readonly brokenFiles: readonly string[];
}

/** Under which product entries of the spool that cannot be stored are counted as skipped. */
const SPOOL = "spool";
const INVALID_ENTRY = "entry that is no fact";
const INVALID_POINT = "entry that is no point";
const BROKEN_FILE = "file that is damaged";

/**
 * Drains a spool, oldest file first, and what processes that are gone have left in journals and under temporary names.
 * A file is removed after its facts and points are committed; a run that dies in between writes them a second time, which
 * changes nothing. What is damaged is set aside and counted. Another process may drain at the same time.
 *
 * @throws StoreError when the store cannot be written; no file is lost.
 */
export function drainSpool(store: Store, folder: string, nowMillis: number = Date.now()): SpoolOutcome {
  const unreadableFiles: string[] = [];
  const brokenFiles: string[] = [];
  let filesDrained = 0;
  let facts = 0;
  let points = 0;
  for (const { path, from, decode } of waitingFiles(folder, nowMillis)) {
    const content = readSpoolFile(from, decode);
    if (content === "gone") continue;
    if (content === "unreadable") {
      unreadableFiles.push(from);
      continue;
    }
    if (content === "broken") {
      if (!renameIfThere(from, `${path}.broken`)) continue;
      store.write({ facts: [], skipped: [{ product: SPOOL, path, reason: BROKEN_FILE, count: 1 }] });
      brokenFiles.push(path);
      continue;
    }
    if (from !== path && !renameIfThere(from, path)) continue;
    // Points first: what the store refuses of them is counted in the transaction of the facts.
    const pointCount = content.points.series.reduce((sum, series) => sum + series.points.length, 0);
    const refusedPoints = pointCount > 0 ? store.writePoints(content.points).refused : {};
    store.write({ facts: content.facts, skipped: skipsOf(path, content, refusedPoints), restarted: [path] });
    rmSync(path, { force: true });
    filesDrained++;
    facts += content.facts.length;
    points += pointCount;
  }
  return { filesDrained, facts, points, unreadableFiles, brokenFiles };
}

interface WaitingFile {
  /** Under its own name. */
  readonly path: string;
  /** Where it lies: there, or under a temporary name. */
  readonly from: string;
  readonly decode: Decode;
}

/** Oldest first of each kind. */
function waitingFiles(folder: string, nowMillis: number): WaitingFile[] {
  return [
    ...listLeftJournals(folder, nowMillis).map((path) => ({ path, from: path, decode: readJournal })),
    ...listLeftSpoolFiles(folder, nowMillis).map((file) => ({ ...file, decode: decodeSpoolFile })),
    ...listSpoolFiles(folder).map((path) => ({ path, from: path, decode: decodeSpoolFile })),
  ];
}

function skipsOf(
  path: string,
  { invalid, invalidPoints }: SpoolContent,
  refusedPoints: Readonly<Record<string, number>>,
): FileSkipCount[] {
  const counts: [reason: string, count: number][] = [
    [INVALID_ENTRY, invalid],
    [INVALID_POINT, invalidPoints],
    ...Object.entries(refusedPoints).map(([why, count]): [string, number] => [`refused point: ${why}`, count]),
  ];
  return counts.filter(([, count]) => count > 0).map(([reason, count]) => ({ product: SPOOL, path, reason, count }));
}

type Decode = (text: string) => SpoolContent | undefined;

function readJournal(text: string): SpoolContent | undefined {
  const left = decodeJournal(text);
  return left === undefined ? undefined : { ...left, points: NO_POINTS, invalidPoints: 0 };
}

function readSpoolFile(path: string, decode: Decode): SpoolContent | "gone" | "unreadable" | "broken" {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : "unreadable";
  }
  return decode(text) ?? (isNewerSpoolText(text) ? "unreadable" : "broken");
}
