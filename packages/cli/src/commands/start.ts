/** `start`: what `npm start` runs. The overview; on a machine without agents, the overview of a sample agent's run. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { addCommonFlags, type CommonFlags } from "../flags/declare.ts";
import { withTemporaryLedger } from "../ledger/temporary-ledger.ts";
import { showOverview } from "../overview/show-overview.ts";
import { answer } from "./answer.ts";

const SAMPLE_NEXT = "moai-metrics demo, a simulated week";
const SAMPLE_LABEL = "SAMPLE DATA: a bundled agent just ran against a stand-in model server on this machine.";

/** Adds the command. */
export function addStartCommand(program: Command, context: CliContext): void {
  const command = program.command("start").description("the overview; without any agent data, that of a sample agent");
  addCommonFlags(command);
  command.action((flags: CommonFlags) => start(context, flags));
}

async function start(context: CliContext, flags: CommonFlags): Promise<void> {
  let isEmpty = false;
  await answer(context, flags, async (input) => {
    isEmpty = input.ledger.store.ledger.span() === undefined;
    await showOverview(context, flags, input);
  });
  if (isEmpty) await showSample(context, flags);
}

async function showSample(context: CliContext, flags: CommonFlags): Promise<void> {
  const { runSampleAgent } = await import("../../sample/sample-agent.ts");
  context.write("\nRunning the sample agent instead …\n\n");
  await withTemporaryLedger(
    (storage) => runSampleAgent({ storage }),
    async (ledger) => {
      const sample = { ...context, dataLabel: SAMPLE_LABEL, nextStep: SAMPLE_NEXT, openLedger: async () => ledger };
      await answer(sample, flags, (input) => showOverview(sample, flags, input));
    },
  );
}
