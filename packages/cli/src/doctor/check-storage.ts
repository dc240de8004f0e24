/** Whether what arrives is kept: the folder, the spool, the store, the clock, the prices. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DAY_MILLIS } from "@moai-metrics/model";
import { formatCount } from "@moai-metrics/report";
import {
  createSpaceGuard,
  isWritable,
  resolveStoreSettings,
  type Store,
  type StoreError,
  sharedFileSystemOf,
} from "@moai-metrics/store";
import { formatBytes } from "../output/bytes.ts";
import { type Finding, findingsAbout } from "./finding.ts";

const { ok, note, problem } = findingsAbout("machine");

/** A daemon drains within a second; this is for one that has much to do. */
const DRAIN_MILLIS = 10 * 60_000;
/** Whoever sends may have a clock that goes this far before ours. */
const CLOCK_MILLIS = 10 * 60_000;
const PRICE_DAYS = 30;
/** Larger stores are checked by a command of its own. */
const MAX_CHECKED_BYTES = 32 * 1024 * 1024;

/** Where the folder lies. */
export function folderFindings(
  storage: string,
  kindOf: (folder: string) => string | undefined = sharedFileSystemOf,
): Finding[] {
  if (!existsSync(storage)) return [note("storage", `${storage} is not there yet`, "moai-metrics import")];
  const kind = kindOf(storage);
  if (kind === undefined) return [ok("storage", storage)];
  return [
    problem(
      "storage",
      `${storage} lies on a ${kind} file system, where SQLite can damage data`,
      "Set MOAI_METRICS_STORAGE to a local folder.",
    ),
  ];
}

/** What waits in the spool. */
export function spoolFindings(folder: string, nowMillis: number, isReceiving: boolean): Finding[] {
  const entries = spoolEntries(folder);
  const broken = entries.filter(({ name }) => name.endsWith(".broken"));
  const waiting = entries.filter(({ name }) => !name.endsWith(".broken") && !name.endsWith(".tmp"));
  const oldest = Math.min(...waiting.map(({ atMillis }) => atMillis));
  const findings: Finding[] = [];
  if (broken.length > 0) {
    findings.push(
      problem(
        "spool",
        `${broken.length} files hold nothing that can be read`,
        `Look at ${join(folder, "*.broken")}, then delete them.`,
      ),
    );
  }
  if (waiting.length === 0) return [...findings, ok("spool", "nothing waits")];
  const files = `${waiting.length} ${waiting.length === 1 ? "file waits" : "files wait"}`;
  if (isReceiving && nowMillis - oldest > DRAIN_MILLIS) {
    return [
      ...findings,
      problem(
        "spool",
        `${files}, though a receiver runs`,
        "moai-metrics --verbose says why; then start the receiver anew.",
      ),
    ];
  }
  return [
    ...findings,
    isReceiving ? ok("spool", files) : note("spool", files, "Any command takes them in: moai-metrics"),
  ];
}

function spoolEntries(folder: string): { readonly name: string; readonly atMillis: number }[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const stats = statSync(join(folder, name), { throwIfNoEntry: false });
      return stats?.isFile() ? [{ name, atMillis: stats.mtimeMs }] : [];
    });
  } catch {
    return [];
  }
}

/** What is asked of the file system. */
export interface StorePlace {
  mayWrite(path: string): boolean;
  /** Bytes that must be freed before anything is written; undefined when there is room. */
  missingBytes(path: string): number | undefined;
}

const PLACE: StorePlace = {
  mayWrite: isWritable,
  missingBytes: (path) => createSpaceGuard(path, resolveStoreSettings()).missingBytes(),
};

/** Whether the file takes what comes, and is whole. Large ones are looked at by a command of their own. */
export function storeFindings(
  store: Pick<Store, "check" | "path" | "notice">,
  { mayWrite, missingBytes }: StorePlace = PLACE,
): Finding[] {
  if (store.notice !== undefined) return [problem("store", store.notice)];
  const closed = [store.path, dirname(store.path)].find((path) => !mayWrite(path));
  if (closed !== undefined) {
    return [problem("store", `${closed} cannot be written: nothing new is collected`, "Check its permissions.")];
  }
  const missing = missingBytes(store.path);
  if (missing !== undefined) {
    const what = `the disk is nearly full, ${formatBytes(missing)} must be freed: nothing new is collected`;
    return [problem("store", what, "Free some space, or run: moai-metrics db vacuum")];
  }
  const bytes = statSync(store.path).size;
  if (bytes > MAX_CHECKED_BYTES) return [ok("store", `${store.path} can be read. All of it: moai-metrics db check`)];
  const broken = store.check().parts.filter(({ problems }) => problems.length > 0);
  if (broken.length === 0) return [ok("store", `${store.path} is whole`)];
  return [
    problem("store", `the check of ${broken.map(({ name }) => name).join(", ")} did not hold`, "moai-metrics db check"),
  ];
}

/** A store that cannot be opened or read; the message says what to do. One that is being made or written will be. */
export function unreadableFinding({ code, message }: StoreError): Finding {
  if (code === "not_found" || code === "busy") return note("store", message);
  return problem("store", message, code === "damaged" ? "moai-metrics db salvage" : undefined);
}

/** Whether what is stored lies in the past. */
export function clockFindings({ ledger }: Pick<Store, "ledger">, nowMillis: number): Finding[] {
  const last = ledger.span()?.endMillis ?? 0;
  if (last <= nowMillis + CLOCK_MILLIS) return [ok("clock", "nothing is stored of the time to come")];
  const when = new Date(last).toISOString();
  return [
    problem(
      "clock",
      `something is stored of ${when}: a clock was wrong, or is now`,
      "Set the clock of this machine (timedatectl).",
    ),
  ];
}

/** Which calls of the last weeks have no price. */
export function priceFindings({ ledger }: Pick<Store, "ledger">, nowMillis: number): Finding[] {
  const today = Math.floor(nowMillis / DAY_MILLIS) * DAY_MILLIS;
  const range = { startMillis: today - (PRICE_DAYS - 1) * DAY_MILLIS, endMillis: today + DAY_MILLIS };
  const groups = ledger.usage({ range, by: ["model"] });
  const calls = groups.reduce((sum, group) => sum + group.calls, 0);
  const unpriced = groups.filter(({ unpricedCalls }) => unpricedCalls > 0);
  const count = unpriced.reduce((sum, { unpricedCalls }) => sum + unpricedCalls, 0);
  if (count === 0) return [ok("prices", `all ${formatCount(calls)} calls of ${PRICE_DAYS} days have one`)];
  const models = unpriced.map(({ model }) => model || "(unknown)").join(", ");
  const text = `${formatCount(count)} of ${formatCount(calls)} calls of ${PRICE_DAYS} days have none: ${models}`;
  return [note("prices", text, "moai-metrics prices show")];
}
