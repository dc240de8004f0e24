/** `demo`: any screen over a simulated week. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { parseCount } from "../flags/values.ts";
import { withTemporaryLedger } from "../ledger/temporary-ledger.ts";

const DEMO_NEXT = "moai-metrics demo daily | demo session | demo task | demo agent";
const DEMO_LABEL = "SIMULATED DATA: an invented week and the one before it, in a temporary store.";

/** Runs another command over the given context. */
export type RunCommand = (context: CliContext, argv: readonly string[]) => Promise<void>;

/** Adds the command. */
export function addDemoCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command("demo [command...]")
    .description("any of these screens over a simulated week: demo, demo daily, demo agent --json")
    .option("--seed <n>", "another week", parseCount, 1)
    .passThroughOptions()
    .allowUnknownOption()
    .action((argv: string[], { seed }: { readonly seed: number }) => showDemo(context, run, argv, seed));
}

async function showDemo(context: CliContext, run: RunCommand, argv: readonly string[], seed: number): Promise<void> {
  const { environment } = context;
  await withTemporaryLedger(
    async (storage) => {
      const { writeSimulation } = await import("../demo/write-simulation.ts");
      await writeSimulation({ storage, seed, nowMillis: context.now(), timeZone: environment.timeZone });
    },
    (ledger) => run({ ...context, dataLabel: DEMO_LABEL, nextStep: DEMO_NEXT, openLedger: async () => ledger }, argv),
  );
}
