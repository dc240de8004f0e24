/** `prices reprice`: costs stored calls anew, after saying what would change. */
import type { RepriceOutcome, RepriceProgress, Store } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import type { CommonFlags, FormatFlags } from "../flags/declare.ts";
import { withStoreHere } from "../ledger/open-store-here.ts";
import type { RepriceState } from "../output/reprice-account.ts";

/** Fewer are done before anyone wonders what takes so long. */
const MANY_CALLS = 50_000;

/** Flags of `prices reprice`. */
export interface RepriceFlags extends Pick<CommonFlags, "config" | "storage" | "color">, Pick<FormatFlags, "json"> {
  readonly asOf?: string;
  readonly unpriced?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/**
 * Says what would change, asks, and changes it.
 *
 * @throws UsageError when nobody is there to answer and `--yes` is not given.
 */
export async function repriceCalls(context: CliContext, flags: RepriceFlags): Promise<void> {
  const { config } = await context.loadConfig(flags);
  await withStoreHere(context, flags, (store) => run(context, store, flags), {
    prices: config.prices,
    isWriting: !flags.dryRun,
  });
}

async function run(context: CliContext, store: Store, flags: RepriceFlags): Promise<void> {
  const cost = (isDryRun: boolean): Promise<RepriceOutcome> =>
    store.reprice({
      calls: flags.unpriced ? "unpriced" : "all",
      asOfDay: flags.asOf,
      isDryRun,
      onProgress: progressTeller(context, isDryRun ? "looking at" : "costing"),
    });
  const plan = await cost(true);
  if (flags.dryRun || plan.calls.changed === 0) return tell(context, flags, plan, "planned");
  if (!flags.yes) {
    // The plan is no answer of its own in JSON: it would be a second document.
    if (!flags.json) await tell(context, flags, plan, "planned");
    const isWanted = await context.confirm(`Change the cost of ${plan.calls.changed} calls?`);
    if (isWanted === undefined) {
      throw new UsageError(
        "Nothing was changed, because nobody can be asked here. Add --yes, or --dry-run to only look.",
      );
    }
    if (!isWanted) throw new CommandError("Nothing was changed.");
  }
  await tell(context, flags, await cost(false), "done");
}

async function tell(
  context: CliContext,
  flags: RepriceFlags,
  outcome: RepriceOutcome,
  state: RepriceState,
): Promise<void> {
  const [{ repriceDocument, repriceLines }, { resolveScreen }, { renderJson }] = await Promise.all([
    import("../output/reprice-account.ts"),
    import("../output/screen.ts"),
    import("@moai-metrics/report"),
  ]);
  if (flags.json) context.write(renderJson(repriceDocument(outcome, state)));
  else context.write(`${repriceLines(outcome, state, resolveScreen(context, flags)).join("\n")}\n`);
}

/** Tells a line for every tenth of the calls. */
function progressTeller(context: CliContext, doing: string): ((progress: RepriceProgress) => void) | undefined {
  if (!context.environment.isProgressVisible) return undefined;
  let told = 0;
  return ({ callsDone, callsTotal }) => {
    const tenth = Math.floor((callsDone / Math.max(1, callsTotal)) * 10);
    if (tenth === told || callsTotal < MANY_CALLS) return;
    told = tenth;
    context.warn(`${doing} … ${callsDone} of ${callsTotal} calls`);
  };
}
