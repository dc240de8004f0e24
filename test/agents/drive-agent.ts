/** Runs one agent in every way, and compares every ledger with the truth. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { totalTokens } from "@moai-metrics/model";
import { type Check, compareLedger } from "./compare.ts";
import type { ServedCall } from "./model-api/script.ts";
import { startModelApi } from "./model-api/server.ts";
import type { AgentPlace, RealAgent } from "./real-agents.ts";

/** One ledger and what it was compared with. */
interface DrivenPath {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** What became of an agent. */
export interface DrivenAgent {
  readonly served: readonly ServedCall[];
  readonly paths: readonly DrivenPath[];
  /** What `run` said at the end. */
  readonly summary: readonly string[];
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const COMMAND = fileURLToPath(new URL("../../packages/cli/bin/moai-metrics.js", import.meta.url));
const MAX_MILLIS = 120_000;

/** Drives it. @throws Error when a program does not end as it should. */
export async function driveAgent(agent: RealAgent, binFolder: string): Promise<DrivenAgent> {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), `agent-${agent.product}-`)));
  const home = join(scratch, "agent");
  const project = join(home, "project");
  mkdirSync(project, { recursive: true });
  for (const [path, text] of Object.entries(agent.files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  const place: AgentPlace = { home, project, apiUrl: "" };
  const api = await startModelApi({ dialect: agent.dialect, steps: agent.steps(place) });
  const here = { ...place, apiUrl: api.url };
  const environment = (folder: string) => ({
    PATH: [binFolder, dirname(process.execPath), process.env["PATH"]].join(delimiter),
    HOME: folder,
    TZ: "UTC",
    ...agent.environment(here),
  });
  const moai = (folder: string, storage: string, words: readonly string[]): Promise<Ended> =>
    succeed([process.execPath, COMMAND, ...words], { ...environment(folder), MOAI_METRICS_STORAGE: storage }, project);
  const agentCommand = [agent.program, ...agent.arguments(here)];
  const storageOf = (name: string): string => join(scratch, name);
  const paths: DrivenPath[] = [];
  const compared = (name: string, storage: string, untold: RealAgent["untold"] = []): void => {
    paths.push({ name, checks: compareLedger(storageOf(storage), { agent, served: [...api.served], untold }) });
  };

  try {
    // Telemetry alone: the agent's home is not ours, so that no transcript is found.
    await moai(scratch, storageOf("telemetry"), ["run", "--", "env", `HOME=${home}`, ...agentCommand]);
    compared("run, telemetry alone", "telemetry", agent.untold);
    rmSync(join(home, "project", "new.txt"), { force: true });
    for (const folder of [".claude/projects", ".codex/sessions", ".gemini/tmp"]) {
      rmSync(join(home, folder), { recursive: true, force: true });
    }
    api.reset();

    const run = await moai(home, storageOf("run"), ["run", "--", ...agentCommand]);
    compared("run, telemetry and transcript", "run");
    await moai(home, storageOf("run"), ["import"]);
    await moai(home, storageOf("run"), ["import"]);
    compared("the same, transcripts imported again", "run");
    await moai(home, storageOf("transcript"), ["import"]);
    compared("transcript alone, into another store", "transcript");
    const summary = run.stderr.trimEnd().split("\n").slice(-5);
    paths.push({ name: "what run printed", checks: printed(run, summary, api.served) });
    return { served: [...api.served], paths, summary };
  } finally {
    await api.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Nothing of ours on standard output, and the true figures on standard error. */
function printed({ stdout }: Ended, summary: readonly string[], served: readonly ServedCall[]): Check[] {
  const total = served.reduce((sum, { usage }) => sum + totalTokens(usage), 0);
  const compact = total < 10_000 ? total.toLocaleString("en-US") : `${(total / 1000).toFixed(1)}K`;
  const expected: readonly (readonly [what: string, holds: boolean])[] = [
    ["the agent's answer on standard output", stdout.includes("All done.")],
    ["nothing of ours on standard output", !stdout.includes("Tokens ")],
    [`Tokens ${compact}`, summary[0]?.startsWith(`Tokens    ${compact}: `) ?? false],
    [`${served.length} model calls`, summary[2]?.endsWith(`, ${served.length} model calls`) ?? false],
    ["Result exit code 0", summary[3]?.startsWith("Result    exit code 0, ") ?? false],
  ];
  const missing = expected.flatMap(([what, holds]) => (holds ? [] : [what]));
  return [
    { what: "lines", equal: expected.length - missing.length, missing, extra: missing.length > 0 ? summary : [] },
  ];
}

function succeed(command: readonly string[], environment: NodeJS.ProcessEnv, folder: string): Promise<Ended> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: MAX_MILLIS,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text: Buffer) => (stdout += text));
    child.stderr.on("data", (text: Buffer) => (stderr += text));
    child.on("error", reject);
    child.on("close", (exitCode) => {
      if (exitCode === 0) resolve({ exitCode, stdout, stderr });
      else reject(new Error(`${command.join(" ")} ended with ${exitCode}:\n${stdout}\n${stderr}`));
    });
  });
}
