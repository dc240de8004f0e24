/** Writes what hooks left in the spool, and removes their files. */
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { mapHookFile } from "@moai-metrics/agents/hooks";
import type { Fact } from "@moai-metrics/model";
import type { FileSkipCount, Store } from "@moai-metrics/store";

/** What draining did. */
export interface HooksOutcome {
  readonly filesDrained: number;
  readonly facts: number;
  /** Files that hold no hook; they were set aside under a name with `.broken` behind it. */
  readonly brokenFiles: readonly string[];
}

/** A file that is not whole is one that is being written, unless it has lain for longer. */
const UNFINISHED_MILLIS = 60_000;
/** Under which product hooks that tell nothing are counted as skipped. */
const HOOKS = "hooks";
const ENDING = ".hook";
const FILES_PER_TRANSACTION = 500;

/**
 * Drains the hook files of spools: `<anything>.hook`, one JSON object each, whose time is that of the file. A file is
 * removed after its facts are committed; a run that dies in between writes them a second time, which changes nothing. The
 * shell script writes under the final name: a file that is no JSON yet is left for a minute, then it is broken.
 *
 * @throws StoreError when the store cannot be written; no file is lost.
 */
export function drainHooks(
  store: Pick<Store, "write">,
  folders: readonly string[],
  nowMillis: number = Date.now(),
): HooksOutcome {
  const brokenFiles: string[] = [];
  let filesDrained = 0;
  let facts = 0;
  const paths = folders.flatMap(listHookFiles);
  for (let at = 0; at < paths.length; at += FILES_PER_TRANSACTION) {
    const read = paths.slice(at, at + FILES_PER_TRANSACTION).map((path) => readHookFile(path, nowMillis));
    const whole = read.filter((file) => file.kind === "hook");
    const gathered = whole.flatMap((file) => file.facts);
    const skipped = whole.flatMap((file) => file.skipped);
    if (gathered.length > 0 || skipped.length > 0) store.write({ facts: gathered, skipped });
    for (const { path } of whole) rmSync(path, { force: true });
    for (const file of read) if (file.kind === "broken" && setAside(file.path)) brokenFiles.push(file.path);
    filesDrained += whole.length;
    facts += gathered.length;
  }
  return { filesDrained, facts, brokenFiles };
}

type HookFile =
  | {
      readonly kind: "hook";
      readonly path: string;
      readonly facts: readonly Fact[];
      readonly skipped: readonly FileSkipCount[];
    }
  | { readonly kind: "broken" | "unfinished" | "gone"; readonly path: string };

function listHookFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ENDING))
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readHookFile(path: string, nowMillis: number): HookFile {
  let modifiedMillis = 0;
  try {
    const { mtimeMs } = statSync(path);
    modifiedMillis = mtimeMs;
    const file = { atMillis: Math.trunc(mtimeMs), id: `${mtimeMs}-${basename(path)}` };
    const { facts, skipped } = mapHookFile(JSON.parse(readFileSync(path, "utf8")), file);
    // Counted under the folder: the file itself is gone when someone asks.
    const counted = skipped.map((reason) => ({ product: HOOKS, path: HOOKS, reason, count: 1 }));
    return { kind: "hook", path, facts, skipped: counted };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "gone", path };
    const isFresh = Math.abs(nowMillis - modifiedMillis) < UNFINISHED_MILLIS;
    return { kind: isFresh ? "unfinished" : "broken", path };
  }
}

/** Whether the file was there to be set aside: another process may have been quicker. */
function setAside(path: string): boolean {
  try {
    renameSync(path, `${path}.broken`);
    return true;
  } catch {
    return false;
  }
}
