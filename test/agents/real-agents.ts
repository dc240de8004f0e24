/** The agents that are driven: what they are asked, what the model answers them, and what must be stored of it. */
import { join } from "node:path";
import { createAnthropicDialect } from "./model-api/anthropic.ts";
import { createGeminiDialect } from "./model-api/gemini.ts";
import { createOpenAiDialect } from "./model-api/openai.ts";
import type { Dialect, Step } from "./model-api/script.ts";

/** Where an agent runs. */
export interface AgentPlace {
  /** Its home, in which nothing else lies. */
  readonly home: string;
  readonly project: string;
  readonly apiUrl: string;
}

/** What the model says in one run, and what must come of it. */
export interface Scenario {
  readonly name: string;
  /** Replies of the model by who asks. */
  readonly steps: (place: AgentPlace) => Readonly<Record<string, readonly Step[]>>;
  /** Every task, as its agent and its result. */
  readonly tasks: readonly string[];
  /** What the agent's telemetry does not tell in this case. */
  readonly untold?: readonly Untold[];
  /** The tasks as the transcript alone tells them, where it does not know better. */
  readonly tasksOfTranscript?: readonly string[];
}

/** One agent and its scripts. */
export interface RealAgent {
  readonly label: string;
  /** As facts name it. */
  readonly product: string;
  readonly package: string;
  readonly version: string;
  readonly program: string;
  readonly dialect: Dialect;
  /** What happens, one run each. */
  readonly scenarios: readonly Scenario[];
  /** Files that it needs, relative to its home. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment: (place: AgentPlace) => Readonly<Record<string, string>>;
  readonly arguments: (place: AgentPlace) => readonly string[];
  /** What its telemetry cannot tell without the transcript. */
  readonly untold: readonly Untold[];
}

/** A part of the truth that a witness may not know. */
export type Untold = "agents" | "calls" | "tools" | "tool results" | "tasks";

/** The subagent that Claude Code's project has. */
export const SUBAGENT = "expert-backend";

/** The model works once and then refuses. */
function refusal(first: Step): Scenario {
  return { name: "the model refuses", steps: () => ({ main: [first, { refusedWith: 400 }] }), tasks: ["main failure"] };
}

const claudeCode: RealAgent = {
  label: "Claude Code",
  product: "claude-code",
  package: "@anthropic-ai/claude-code",
  version: "2.1.332",
  program: "claude",
  dialect: createAnthropicDialect(SUBAGENT),
  scenarios: [
    {
      name: "a subagent, a new file, a failing command",
      steps: ({ project }) => ({
        main: [
          { tool: "Agent", input: { description: "Build it", prompt: "Build it.", subagent_type: SUBAGENT } },
          { text: "All done." },
        ],
        [SUBAGENT]: [
          { tool: "Write", input: { file_path: join(project, "new.txt"), content: "one\ntwo\n" } },
          { tool: "Bash", input: { command: "exit 3", description: "Fail" }, fails: true },
          { text: "Built." },
        ],
      }),
      // The subagent runs in the background: when it has ended, the main agent is woken up for a second turn.
      tasks: ["main success", `${SUBAGENT} success`, "main success"],
    },
    refusal({ tool: "Bash", input: { command: "echo built", description: "Build" } }),
  ],
  files: {
    [`project/.claude/agents/${SUBAGENT}.md`]: `---\nname: ${SUBAGENT}\ndescription: Builds.\n---\nYou are ${SUBAGENT}.\n`,
  },
  environment: ({ apiUrl }) => ({ ANTHROPIC_BASE_URL: apiUrl, ANTHROPIC_API_KEY: "sk-ant-dummy" }),
  arguments: () => ["-p", "Build the thing.", "--permission-mode", "acceptEdits", "--allowedTools", "Bash,Agent,Write"],
  untold: ["agents", "tasks"],
};

const codex: RealAgent = {
  label: "Codex",
  product: "codex",
  package: "@openai/codex",
  version: "0.171.0",
  program: "codex",
  dialect: createOpenAiDialect(),
  scenarios: [
    {
      name: "two commands, one of which fails",
      steps: () => ({
        main: [
          { tool: "exec_command", input: { cmd: "exit 3" }, fails: true },
          { tool: "exec_command", input: { cmd: "echo built" } },
          { text: "All done." },
        ],
      }),
      tasks: ["main success"],
    },
    // It leaves without sending what its log still holds.
    { ...refusal({ tool: "exec_command", input: { cmd: "echo built" } }), untold: ["calls", "tools"] },
  ],
  files: {},
  environment: () => ({ SCRIPTED_API_KEY: "dummy" }),
  arguments: ({ apiUrl }) => [
    ...[
      "-c",
      `model_providers.scripted={name="scripted",base_url="${apiUrl}/v1",wire_api="responses",env_key="SCRIPTED_API_KEY"}`,
    ],
    ...["-c", "model_provider=scripted", "-c", "model=gpt-5.3-codex"],
    ...["exec", "--skip-git-repo-check", "-s", "danger-full-access", "Build the thing."],
  ],
  untold: ["agents", "tool results", "tasks"],
};

const geminiCli: RealAgent = {
  label: "Gemini CLI",
  product: "gemini-cli",
  package: "@google/gemini-cli",
  version: "0.61.0",
  program: "gemini",
  dialect: createGeminiDialect(),
  scenarios: [
    {
      name: "two tools, one of which fails",
      steps: () => ({
        main: [
          { tool: "list_directory", input: { dir_path: "." } },
          { tool: "read_file", input: { file_path: "missing.txt" }, fails: true },
          { text: "All done." },
        ],
      }),
      tasks: ["main success"],
    },
    // The chat has no word about the error; `run` sees the exit code.
    { ...refusal({ tool: "list_directory", input: { dir_path: "." } }), tasksOfTranscript: ["main open"] },
  ],
  files: { ".gemini/settings.json": '{"security":{"auth":{"selectedType":"gemini-api-key"}}}' },
  environment: ({ apiUrl }) => ({ GEMINI_API_KEY: "dummy", GOOGLE_GEMINI_BASE_URL: apiUrl }),
  arguments: () => ["-p", "Build the thing.", "--approval-mode", "yolo", "--skip-trust", "-m", "gemini-2.5-pro"],
  untold: ["agents", "tools", "tasks"],
};

/** All of them. */
export const REAL_AGENTS: readonly RealAgent[] = [claudeCode, codex, geminiCli];
