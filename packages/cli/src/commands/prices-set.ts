/** `prices set`: writes a price into a configuration file. */
import { join } from "node:path";
import { NEW_PROJECT_FILE, userConfigFile } from "@moai-metrics/settings";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { CommonFlags, FormatFlags } from "../flags/declare.ts";
import { changeConfigFile, type JsonObject } from "./config-file.ts";

/** Flags of `prices set`; prices in US dollars per million tokens. */
export interface SetPriceFlags extends Pick<CommonFlags, "config">, Pick<FormatFlags, "json"> {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite5m?: number;
  readonly cacheWrite1h?: number;
  readonly from?: string;
  readonly fast?: boolean;
  readonly above?: number;
  readonly aboveInput?: number;
  readonly aboveOutput?: number;
  readonly aboveCacheRead?: number;
  readonly aboveCacheWrite5m?: number;
  readonly aboveCacheWrite1h?: number;
  readonly project?: boolean;
}

/**
 * Writes a price; one of the same model, first day and mode is replaced. The user's own file is the default, because
 * the ledger is the user's: a price in a project's file holds only for commands that are typed there.
 */
export async function setPrice(context: CliContext, model: string, flags: SetPriceFlags): Promise<void> {
  const price = entryOf(model, flags);
  const path = await fileToChange(context, flags);
  let isReplaced = false;
  changeConfigFile(path, (block) => {
    const known: unknown = block["prices"] ?? [];
    // What is no list is left for the check to complain about.
    if (!Array.isArray(known)) return;
    isReplaced = known.some((entry) => isSamePlace(entry, price));
    block["prices"] = isReplaced
      ? known.map((entry: unknown) => (isSamePlace(entry, price) ? price : entry))
      : [...known, price];
  });
  const { renderJson, toPlainText } = await import("@moai-metrics/report");
  if (flags.json) {
    context.write(renderJson({ prices: { path, isReplaced, price } }));
    return;
  }
  context.write(
    `${toPlainText(model)}: $${flags.input} input, $${flags.output} output per million tokens ` +
      `${isReplaced ? "replaces the price that was" : "is"} in ${path}.\n` +
      "Stored calls keep their cost until you type: moai-metrics prices reprice\n",
  );
}

/** A price as a file spells it. */
function entryOf(model: string, flags: SetPriceFlags): JsonObject {
  return withoutUndefined({
    model,
    from: flags.from,
    speed: flags.fast ? "fast" : undefined,
    input: flags.input,
    output: flags.output,
    cache_read: flags.cacheRead,
    cache_write_5m: flags.cacheWrite5m,
    cache_write_1h: flags.cacheWrite1h,
    long_context: longContextOf(flags),
  });
}

/** @throws UsageError when the long-context price is only half said. */
function longContextOf(flags: SetPriceFlags): JsonObject | undefined {
  const { above, aboveInput: input, aboveOutput: output } = flags;
  const caches = {
    cache_read: flags.aboveCacheRead,
    cache_write_5m: flags.aboveCacheWrite5m,
    cache_write_1h: flags.aboveCacheWrite1h,
  };
  const given = [above, input, output, ...Object.values(caches)].some((value) => value !== undefined);
  if (!given) return undefined;
  if (above === undefined || input === undefined || output === undefined) {
    throw new UsageError("A long-context price needs --above TOKENS, --above-input USD and --above-output USD.");
  }
  return withoutUndefined({ above, input, output, ...caches });
}

function withoutUndefined(given: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function isSamePlace(entry: unknown, price: JsonObject): boolean {
  if (typeof entry !== "object" || entry === null) return false;
  const known = entry as JsonObject;
  return (["model", "from", "speed"] as const).every((key) => known[key] === price[key]);
}

async function fileToChange(context: CliContext, flags: SetPriceFlags): Promise<string> {
  const { variables, workingFolder } = context.environment;
  if (flags.config !== undefined) return join(workingFolder, flags.config);
  if (!flags.project) return userConfigFile(variables);
  const { project } = await context.loadConfig(flags);
  return project?.path ?? join(workingFolder, NEW_PROJECT_FILE);
}
