/** `db backup`: a checked copy of the file. */
import { dirname, join, resolve } from "node:path";
import { formatCount, renderJson } from "@moai-metrics/report";
import type { CliContext } from "../context.ts";
import { withStoreHere } from "../ledger/open-store-here.ts";
import { formatBytes } from "../output/bytes.ts";
import type { DbFlags } from "./db.ts";

const TELL_MILLIS = 1000;

/** Writes the copy; without a name, beside the file, with the time in its name. */
export async function backUpFile(context: CliContext, file: string | undefined, flags: DbFlags): Promise<void> {
  const outcome = await withStoreHere(context, flags, (store) => {
    const target = file === undefined ? defaultTarget(store.path, context.now()) : inFolder(context, file);
    return store.backUp({ target, onProgress: progressTeller(context) });
  });
  if (flags.json) context.write(renderJson({ backup: outcome }));
  else context.write(`${outcome.target}: ${formatBytes(outcome.bytes)}, checked\n`);
}

function defaultTarget(path: string, nowMillis: number): string {
  const time = new Date(nowMillis).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  return join(dirname(path), `metrics-${time}.backup.db`);
}

function inFolder(context: CliContext, file: string): string {
  return resolve(context.environment.workingFolder, file);
}

function progressTeller(
  context: CliContext,
): ((progress: { readonly pagesDone: number; readonly pagesTotal: number }) => void) | undefined {
  if (!context.environment.isProgressVisible) return undefined;
  let toldAt = performance.now();
  return ({ pagesDone, pagesTotal }) => {
    if (performance.now() - toldAt < TELL_MILLIS) return;
    toldAt = performance.now();
    context.warn(`${formatCount(pagesDone)} of ${formatCount(pagesTotal)} pages copied …`);
  };
}
