/** Runs one agent in every way, and compares every ledger with the truth. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { totalTokens } from "@moai-metrics/model";
import { type Check, compareLedger, type Expectation } from "./compare.ts";
import { driveWired } from "./drive-wired.ts";
import type { ServedCall } from "./model-api/script.ts";
import { startModelApi } from "./model-api/server.ts";
import { COMMAND, type Ended, ended } from "./programs.ts";
import type { AgentPlace, RealAgent, Scenario } from "./real-agents.ts";

/** One ledger and what it was compared with. */
interface DrivenPath {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** What became of an agent in one scenario. */
export interface DrivenAgent {
  readonly served: readonly ServedCall[];
  readonly paths: readonly DrivenPath[];
  /** What `run` said at the end. */
  readonly summary: readonly string[];
}

/** What an agent leaves in its home: the next run begins without. */
const TRACES = [".claude/projects", ".codex/sessions", ".gemini/tmp", "project/new.txt"];

/** Drives it. @throws Error when a command of ours does not end as it should. */
export async function driveAgent(agent: RealAgent, scenario: Scenario, binFolder: string): Promise<DrivenAgent> {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), `agent-${agent.product}-`)));
  const home = join(scratch, "agent");
  const project = join(home, "project");
  mkdirSync(project, { recursive: true });
  for (const [path, text] of Object.entries(agent.files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  // Ours alone: where telemetry has to do without the transcript, it has to bring the token, too.
  const settings = join(scratch, ".config", "moai-metrics", "config.json");
  mkdirSync(dirname(settings), { recursive: true });
  writeFileSync(settings, JSON.stringify({ metrics: { receiver: { requireToken: true } } }));
  const place: AgentPlace = { home, project, apiUrl: "" };
  const api = await startModelApi({ dialect: agent.dialect, steps: scenario.steps(place) });
  const here = { ...place, apiUrl: api.url };
  const agentCommand = [agent.program, ...agent.arguments(here)];
  const environmentOf = (folder: string, storage: string) => ({
    PATH: [binFolder, dirname(process.execPath), process.env["PATH"]].join(delimiter),
    HOME: folder,
    TZ: "UTC",
    ...agent.environment(here),
    MOAI_METRICS_STORAGE: join(scratch, storage),
  });
  const forget = (): void => {
    for (const path of TRACES) rmSync(join(home, path), { recursive: true, force: true });
    api.reset();
  };
  /** Runs the agent by itself, or by `run`, as if it had never run before. */
  const start = async (before: readonly string[], folder: string, storage: string): Promise<Ended> => {
    forget();
    return await ended([...before, ...agentCommand], environmentOf(folder, storage), project);
  };
  const run = [process.execPath, COMMAND, "run", "--"];
  const importInto = async (storage: string): Promise<void> => {
    const words = [process.execPath, COMMAND, "import"];
    const { exitCode, stderr } = await ended(words, environmentOf(home, storage), project);
    if (exitCode !== 0) throw new Error(`The import ended with ${exitCode}: ${stderr}`);
  };
  const paths: DrivenPath[] = [];
  const compared = (name: string, storage: string, expected: Partial<Expectation> = {}): void => {
    const truth = { product: agent.product, tasks: scenario.tasks, served: [...api.served], untold: [], ...expected };
    paths.push({ name, checks: compareLedger(join(scratch, storage), truth) });
  };

  try {
    const alone = await start([], home, "unused");
    // Our home is not the agent's, so that no transcript is found.
    await start([...run, "env", `HOME=${home}`], scratch, "telemetry");
    compared("run, telemetry alone, with a token", "telemetry", {
      untold: [...agent.untold, ...(scenario.untold ?? [])],
    });
    const driven = await start(run, home, "run");
    compared("run, telemetry and transcript", "run");
    await importInto("run");
    await importInto("run");
    compared("the same, transcripts imported again", "run");
    await importInto("transcript");
    const tasks = scenario.tasksOfTranscript ?? scenario.tasks;
    compared("transcript alone, into another store", "transcript", { tasks });
    const summary = driven.stderr.trimEnd().split("\n").slice(-5);
    paths.push({ name: "what run printed", checks: [comparePrinted(driven, alone, summary, api.served)] });
    const summedUp = [...api.served];
    forget();
    const promises = await driveWired({
      startAgent: () => start([], home, "wired"),
      environment: environmentOf(home, "wired"),
      project,
      isTelling: scenario.untold === undefined,
      hasHooks: agent.product === "claude-code",
    });
    paths.push({ name: "init, serve and init --undo", checks: [promises] });
    compared("init and serve, then an import", "wired", { tasks });
    return { served: summedUp, paths, summary };
  } finally {
    await api.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The agent's own output and exit code, and the true figures on standard error. */
function comparePrinted(driven: Ended, alone: Ended, summary: readonly string[], served: readonly ServedCall[]): Check {
  const total = served.reduce((sum, { usage }) => sum + totalTokens(usage), 0);
  const compact = total < 10_000 ? total.toLocaleString("en-US") : `${(total / 1000).toFixed(1)}K`;
  const calls = `${served.length} model call${served.length === 1 ? "" : "s"}`;
  const expected: readonly (readonly [what: string, holds: boolean])[] = [
    ["the same standard output as without run", driven.stdout === alone.stdout],
    [`the same exit code as without run, ${alone.exitCode}`, driven.exitCode === alone.exitCode],
    [`Tokens ${compact}`, summary[0]?.startsWith(`Tokens    ${compact}: `) ?? false],
    [calls, summary[2]?.endsWith(`, ${calls}`) ?? false],
    [`Result exit code ${alone.exitCode}`, summary[3]?.startsWith(`Result    exit code ${alone.exitCode}, `) ?? false],
  ];
  const missing = expected.flatMap(([what, holds]) => (holds ? [] : [what]));
  const extra = missing.length === 0 ? [] : [...summary, `stdout ${driven.stdout}`, `without run ${alone.stdout}`];
  return { what: "parts of the output", equal: expected.length - missing.length, missing, extra };
}
