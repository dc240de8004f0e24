/** `db merge`: takes over what another store holds. */
import { resolve } from "node:path";
import { formatCount, renderJson } from "@moai-metrics/report";
import { ADOPTED_KINDS, type AdoptedCounts, type AdoptedKind, type MergeOutcome } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import { withStoreHere } from "../ledger/open-store-here.ts";
import type { DbFlags } from "./db.ts";

const TELL_MILLIS = 1_000;

const WORDS: Readonly<Record<AdoptedKind, string>> = {
  sessions: "sessions",
  tasks: "tasks",
  calls: "model calls",
  tools: "tool calls",
  files: "changed files",
  measurements: "measurements",
  points: "data points",
};

/** Merges the other file into the store here; it is only read. */
export async function mergeFile(context: CliContext, other: string, flags: DbFlags): Promise<void> {
  const { config } = await context.loadConfig({});
  const { storeSettingsOf } = await import("@moai-metrics/store");
  const path = resolve(context.environment.workingFolder, other);
  const outcome = await withStoreHere(
    context,
    flags,
    (store) => store.merge({ other: path, onProgress: progressTeller(context) }),
    { prices: config.prices, settings: storeSettingsOf(config), isWriting: true },
  );
  if (flags.json) context.write(renderJson({ merge: outcome }));
  else context.write(`${outcomeLines(path, outcome).join("\n")}\n`);
}

function outcomeLines(path: string, { kinds, factsFromMillis }: MergeOutcome): string[] {
  const told = ADOPTED_KINDS.filter((kind) => kinds[kind].read > 0);
  const isNews = told.some((kind) => kinds[kind].added + kinds[kind].changed > 0);
  return [
    ...(told.length === 0 ? [`${path} holds nothing.`] : told.map((kind) => kindLine(WORDS[kind], kinds[kind]))),
    ...(told.length > 0 && !isNews ? ["All of it was here already."] : []),
    ...(factsFromMillis === undefined
      ? []
      : [
          `The other store has let go of single facts before ${new Date(factsFromMillis).toISOString().slice(0, 10)}; ` +
            "their sums stay there.",
        ]),
  ];
}

function kindLine(word: string, { read, added, changed, refused }: AdoptedCounts): string {
  const reasons = Object.entries(refused).map(([reason, count]) => `${formatCount(count)} refused (${reason})`);
  const parts = [
    `${formatCount(added)} new`,
    ...(changed > 0 ? [`${formatCount(changed)} completed`] : []),
    ...reasons,
  ];
  return `  ${word.padEnd(14)} ${formatCount(read)} read: ${parts.join(", ")}`;
}

function progressTeller(
  context: CliContext,
): ((progress: { readonly kind: AdoptedKind; readonly read: number }) => void) | undefined {
  if (!context.environment.isProgressVisible) return undefined;
  let toldAt = performance.now();
  return ({ kind, read }) => {
    if (performance.now() - toldAt < TELL_MILLIS) return;
    toldAt = performance.now();
    context.warn(`${formatCount(read)} ${WORDS[kind]} merged …`);
  };
}
