/** `db check`: proof that the file holds what it should. */
import { renderJson, toPlainText } from "@moai-metrics/report";
import type { CheckPart } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import { CheckError } from "../errors.ts";
import { withStoreHere } from "../ledger/open-store-here.ts";
import type { DbFlags } from "./db.ts";

const MEANINGS: Readonly<Record<CheckPart["name"], string>> = {
  pages: "every page is whole",
  points: "every checksum of compressed points holds",
  totals: "totals of tasks and sessions are the sums of their calls",
  witnesses: "all belong to calls, and reports of hooks count only once",
  quality: "scores of quality are what their counts say",
  rollups: "rollups equal the ledger",
};

const REMEDIES: Readonly<Record<CheckPart["name"], string>> = {
  pages: 'Run "moai-metrics db salvage".',
  points: 'Run "moai-metrics db salvage", or restore a backup.',
  totals: 'Run "moai-metrics db salvage": it adds them up anew.',
  witnesses: 'Run "moai-metrics db salvage": it decides anew what counts.',
  quality: 'Run "moai-metrics db salvage", then import the reports again.',
  rollups: 'Run "moai-metrics db rebuild".',
};

/** Checks the file and says what does not hold. @throws CheckError when something does not. */
export async function checkFile(context: CliContext, flags: DbFlags): Promise<void> {
  const tell = context.environment.isProgressVisible ? (name: string) => context.warn(`checking ${name} …`) : undefined;
  const result = await withStoreHere(context, flags, (store) => store.check(tell)).catch(toCheckError);
  if (flags.json) context.write(renderJson({ check: result }));
  else context.write(`${result.parts.flatMap(partLines).join("\n")}\n`);
  if (result.isSound) return;
  const broken = result.parts.filter(({ problems }) => problems.length > 0);
  throw new CheckError(broken.map(({ name }) => `The check of ${name} did not hold. ${REMEDIES[name]}`).join(" "));
}

/** A file so damaged that it cannot be opened did not hold, either. */
function toCheckError(error: unknown): never {
  if (error instanceof Error && "code" in error && error.code === "damaged") throw new CheckError(error.message);
  throw error;
}

function partLines({ name, problems, unlisted }: CheckPart): string[] {
  if (problems.length === 0) return [`ok      ${name}: ${MEANINGS[name]}`];
  return [
    `FAILED  ${name}`,
    ...problems.map((problem) => `          ${toPlainText(problem)}`),
    ...(unlisted > 0 ? [`          and ${unlisted} more`] : []),
  ];
}
