/**
 * Drives the real agents against a model API of ours, without any network, and compares the ledger with the truth.
 * Usage: node test/agents/run.ts [--only NAME]
 */
import { parseArgs } from "node:util";
import { totalTokens } from "@moai-metrics/model";
import { type DrivenAgent, driveAgent } from "./drive-agent.ts";
import { installAgents } from "./install-agents.ts";
import { runIsolated } from "./isolate.ts";
import { REAL_AGENTS, type RealAgent, type Scenario } from "./real-agents.ts";

const { values } = parseArgs({ options: { only: { type: "string", default: "" }, isolated: { type: "string" } } });
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

if (values.isolated === undefined) {
  const binFolder = installAgents();
  print(`Agents in ${binFolder}. From here on there is no network but loopback.`);
  process.exitCode = runIsolated(import.meta.url, ["--only", values.only, "--isolated", binFolder], print);
} else {
  process.exitCode = await driveAll(values.isolated);
}

async function driveAll(binFolder: string): Promise<number> {
  let different = 0;
  let compared = 0;
  for (const agent of REAL_AGENTS.filter(({ product }) => product.includes(values.only))) {
    for (const scenario of agent.scenarios) {
      const driven = await driveAgent(agent, scenario, binFolder);
      tell(agent, scenario, driven);
      for (const { checks } of driven.paths) {
        compared += checks.length;
        different += checks.filter(({ missing, extra }) => missing.length + extra.length > 0).length;
      }
    }
  }
  print(`\n${compared} comparisons, ${different} different`);
  return different === 0 && compared > 0 ? 0 : 1;
}

function tell(agent: RealAgent, scenario: Scenario, { served, paths, summary }: DrivenAgent): void {
  const tokens = served.reduce((sum, { usage }) => sum + totalTokens(usage), 0);
  const tools = served.filter(({ tool }) => tool !== undefined).length;
  print(`\n${agent.label} ${agent.version}: ${scenario.name}`);
  print(
    `  truth: ${served.length} model calls, ${tokens} tokens, ${tools} tool calls, tasks: ${scenario.tasks.join(", ")}`,
  );
  for (const { name, checks } of paths) {
    print(`  ${name}`);
    for (const { what, equal, missing, extra } of checks) {
      const isEqual = missing.length + extra.length === 0;
      print(`    ${isEqual ? "equal    " : "DIFFERENT"} ${equal} ${what}`);
      for (const entry of missing) print(`      missing  ${entry}`);
      for (const entry of extra) print(`      extra    ${entry}`);
    }
  }
  for (const line of summary) print(`  | ${line}`);
}
