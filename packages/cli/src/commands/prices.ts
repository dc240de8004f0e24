/** `prices`: what models cost. */
import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { addCommonFlags, addCsvFlag, addJsonFlag } from "../flags/declare.ts";
import { parseDate, parseTokens, parseUsd } from "../flags/values.ts";
import type { RepriceFlags } from "./prices-reprice.ts";
import type { SetPriceFlags } from "./prices-set.ts";
import type { ShowPricesFlags } from "./prices-show.ts";

/** Adds the command and its subcommands. */
export function addPricesCommand(program: Command, context: CliContext): void {
  const prices = program.command("prices").description("what models cost: show, set, reprice");
  const show = prices
    .command("show [model]")
    .description("the price of a model, or of every model that was used; models without one come first")
    .option("--date <day>", "the prices of this day (UTC, YYYY-MM-DD; default: today)", parseDate);
  addCommonFlags(addCsvFlag(addJsonFlag(show))).action(async (model: string | undefined, flags: ShowPricesFlags) => {
    const { showPrices } = await import("./prices-show.ts");
    await showPrices(context, model, flags);
  });

  const set = prices
    .command("set <model>")
    .description("write down a price, in US dollars per million tokens; * in a name stands for any characters")
    .requiredOption("--input <usd>", "input that is neither read from nor written to a cache", parseUsd)
    .requiredOption("--output <usd>", "output, reasoning included", parseUsd);
  addCacheFlags(set, "", "as --input");
  set
    .option("--from <day>", "first day (UTC) on which it holds; without it, always", parseDate)
    .option("--fast", "the price of the fast mode")
    .option("--above <tokens>", "prompts longer than this have the --above-… prices for every token", parseTokens)
    .option("--above-input <usd>", "input of a long prompt", parseUsd)
    .option("--above-output <usd>", "output of a long prompt", parseUsd);
  addCacheFlags(set, "above-", "as --above-input");
  set
    .addOption(new Option("--project", "into the project's file, instead of the user's own").conflicts("config"))
    .option("--config <file>", "into this file");
  addJsonFlag(set).action(async (model: string, flags: SetPriceFlags) => {
    const { setPrice } = await import("./prices-set.ts");
    await setPrice(context, model, flags);
  });

  const reprice = prices
    .command("reprice")
    .description("cost the stored calls anew, at the prices that hold now for the day of each call")
    .option("--as-of <day>", "at the prices of this day (UTC, YYYY-MM-DD) for all calls", parseDate)
    .addOption(new Option("--unpriced", "only calls that have no cost yet").conflicts("all"))
    .option("--all", "every call whose cost was computed (the default)")
    .option("--dry-run", "say what would change and change nothing")
    .option("--yes", "do not ask")
    .option("--config <file>", "take the settings from this file instead of the project's")
    .option("--storage <folder>", "folder of the store (default: the user's data folder)")
    .option("--no-color", "no colours (also: NO_COLOR)");
  addJsonFlag(reprice).action(async (flags: RepriceFlags) => {
    const { repriceCalls } = await import("./prices-reprice.ts");
    await repriceCalls(context, flags);
  });
}

function addCacheFlags(command: Command, prefix: string, otherwise: string): void {
  command
    .option(`--${prefix}cache-read <usd>`, `cache reads; ${otherwise} when left out`, parseUsd)
    .option(`--${prefix}cache-write-5m <usd>`, `cache writes for five minutes; ${otherwise} when left out`, parseUsd)
    .option(`--${prefix}cache-write-1h <usd>`, "cache writes for an hour; as those for five minutes", parseUsd);
}
