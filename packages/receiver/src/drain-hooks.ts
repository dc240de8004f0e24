/** Writes what hooks left in the spool, and removes their files. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { mapHookFile } from "@moai-metrics/agents/hooks";
import type { Fact } from "@moai-metrics/model";
import type { FileSkipCount, Store } from "@moai-metrics/store";
import { renameIfThere } from "./rename-if-there.ts";

/** What draining did. */
export interface HooksOutcome {
  readonly filesDrained: number;
  readonly facts: number;
  /** Files that hold no hook; they were set aside under a name with `.broken` behind it. */
  readonly brokenFiles: readonly string[];
}

/** A file that is not whole, or has not got its name, is one that is being written, unless it has lain for longer. */
const UNFINISHED_MILLIS = 60_000;
/** Under which product hooks that tell nothing are counted as skipped. */
const HOOKS = "hooks";
const BROKEN_FILE = "file that holds no hook";
const ENDING = ".hook";
const UNFINISHED = `${ENDING}.tmp`;
const FILES_PER_TRANSACTION = 500;

/**
 * Drains the hook files of spools: `<anything>.hook`, one JSON object each, whose time is that of the file. A file is
 * removed after its facts are committed; a run that dies in between writes them a second time, which changes nothing. A
 * file that a killed hook left under its temporary name is finished after a minute: whole, it is the hook that it would
 * have been. What is no JSON is left for a minute as well, for writers that do not rename, and is then broken.
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
    const broken = read.filter((file) => file.kind === "broken" && renameIfThere(file.from, `${file.path}.broken`));
    if (broken.length > 0) store.write({ facts: [], skipped: [skip(BROKEN_FILE, broken.length)] });
    brokenFiles.push(...broken.map(({ path }) => path));
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
  | {
      readonly kind: "broken";
      readonly path: string;
      /** Where it lies: under the name that it should have, or its temporary one. */
      readonly from: string;
    }
  | { readonly kind: "unfinished" | "gone"; readonly path: string };

function listHookFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ENDING) || name.endsWith(UNFINISHED))
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readHookFile(from: string, nowMillis: number): HookFile {
  const isNamed = from.endsWith(ENDING);
  const path = isNamed ? from : from.slice(0, -UNFINISHED.length) + ENDING;
  let modifiedMillis = 0;
  try {
    const { mtimeMs } = statSync(from);
    modifiedMillis = mtimeMs;
    if (!isNamed && isFresh(mtimeMs, nowMillis)) return { kind: "unfinished", path };
    const file = { atMillis: Math.trunc(mtimeMs), id: `${mtimeMs}-${basename(path)}` };
    const { facts, skipped } = mapHookFile(JSON.parse(readFileSync(from, "utf8")), file);
    // One of all who try gives the name, its slow writer among them; whoever comes next finds a file like any other.
    if (!isNamed && !renameIfThere(from, path)) return { kind: "gone", path };
    return { kind: "hook", path, facts, skipped: skipped.map((reason) => skip(reason, 1)) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "gone", path };
    return isFresh(modifiedMillis, nowMillis) ? { kind: "unfinished", path } : { kind: "broken", path, from };
  }
}

function isFresh(modifiedMillis: number, nowMillis: number): boolean {
  return Math.abs(nowMillis - modifiedMillis) < UNFINISHED_MILLIS;
}

/** Counted under the folder: the file itself is gone when someone asks. */
function skip(reason: string, count: number): FileSkipCount {
  return { product: HOOKS, path: HOOKS, reason, count };
}
