/** Finds out which agent a command starts, through what people put in front of it. Pure. */
import { basename } from "node:path";

/** Agents that can be told where to send their telemetry, as facts name them. */
export const AGENT_PRODUCTS = ["claude-code", "codex", "gemini-cli"] as const;
export type AgentProduct = (typeof AGENT_PRODUCTS)[number];

/** What is known of the programs on this machine. */
export interface ProgramLookup {
  /** The file that a word starts, links resolved; undefined when there is none. */
  resolve(word: string): string | undefined;
  /** Name of the npm package that a file belongs to. */
  packageOf(path: string): string | undefined;
  /** Whether a file is a script that Node runs. */
  isNodeScript(path: string): boolean;
}

/** What a command starts. */
export interface RecognizedCommand {
  readonly agent: AgentProduct | undefined;
  /** Where the agent's own arguments begin in the command; behind the first word when no agent is known. */
  readonly argumentsAt: number;
  /** Whether the process that is started is Node. */
  readonly isNode: boolean;
  /** The program's name without its folder. */
  readonly name: string;
}

/** Programs that start another one. */
interface Wrapper {
  readonly isNode?: boolean;
  /** Words of its own before the program, such as `exec`. */
  readonly subcommands?: readonly string[];
  /** Flags whose value is a word of its own. */
  readonly valueFlags?: readonly string[];
  /** Flags behind which there is no program, but code or a command line in one word. */
  readonly endFlags?: readonly string[];
  /** Words before the program. */
  readonly operands?: number;
}

const NODE: Wrapper = {
  isNode: true,
  valueFlags: ["-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions"],
  endFlags: ["-e", "--eval", "-p", "--print", "-pe"],
};

const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  env: { valueFlags: ["-u", "--unset", "-C", "--chdir"], endFlags: ["-S", "--split-string"] },
  nice: { valueFlags: ["-n", "--adjustment"] },
  nohup: {},
  setsid: {},
  stdbuf: { valueFlags: ["-i", "-o", "-e"] },
  time: { valueFlags: ["-f", "-o"] },
  timeout: { valueFlags: ["-k", "--kill-after", "-s", "--signal"], operands: 1 },
  node: NODE,
  nodejs: NODE,
  tsx: NODE,
  npx: { isNode: true, valueFlags: ["-p", "--package", "-w", "--workspace"], endFlags: ["-c", "--call"] },
  npm: { isNode: true, subcommands: ["exec", "x"], valueFlags: ["--package", "-w"], endFlags: ["-c", "--call"] },
  pnpm: { isNode: true, subcommands: ["dlx", "exec"], valueFlags: ["--package", "-C", "--dir"] },
  pnpx: { isNode: true, valueFlags: ["--package"] },
  yarn: { isNode: true, subcommands: ["dlx", "exec"], valueFlags: ["-p", "--package"] },
  bun: { subcommands: ["x", "run"] },
  bunx: { valueFlags: ["-p", "--package"] },
};

const AGENT_OF_NAME: Readonly<Record<string, AgentProduct>> = {
  claude: "claude-code",
  codex: "codex",
  gemini: "gemini-cli",
};

const AGENT_OF_PACKAGE: Readonly<Record<string, AgentProduct>> = {
  "@anthropic-ai/claude-code": "claude-code",
  "@openai/codex": "codex",
  "@google/gemini-cli": "gemini-cli",
};

/** Where Claude Code's own installer puts the programs that `claude` is a link to. */
const CLAUDE_VERSION_FILE = /[\\/]claude[\\/]versions[\\/][^\\/]+$/;

/** Recognizes a command; a command that only resembles one is not recognized. */
export function recognizeCommand(command: readonly string[], lookup: ProgramLookup): RecognizedCommand {
  const name = nameOf(command[0] ?? "");
  let isNode: boolean | undefined;
  for (let at: number | undefined = 0; at !== undefined; ) {
    const word = command[at];
    if (word === undefined) break;
    const agent = agentOf(word, lookup);
    if (agent !== undefined) return { agent, argumentsAt: at + 1, isNode: isNode ?? false, name };
    const wrapper = WRAPPERS[nameOf(word)];
    if (wrapper === undefined) {
      isNode ??= startsNode(word, lookup);
      break;
    }
    // Programs like `env` become the program that they start.
    if (wrapper.isNode !== undefined || wrapper.subcommands !== undefined) isNode ??= wrapper.isNode ?? false;
    at = behindWrapper(command, at, wrapper);
  }
  return { agent: undefined, argumentsAt: 1, isNode: isNode ?? false, name };
}

/** The agent of a flag: its product, or the name of its program. */
export function agentNamed(name: string): AgentProduct | undefined {
  return AGENT_PRODUCTS.find((product) => product === name) ?? AGENT_OF_NAME[name];
}

function agentOf(word: string, lookup: ProgramLookup): AgentProduct | undefined {
  const named = AGENT_OF_NAME[nameOf(word)] ?? AGENT_OF_PACKAGE[word.replace(/(.)@[^/@]*$/, "$1")];
  if (named !== undefined) return named;
  const path = lookup.resolve(word);
  if (path === undefined) return undefined;
  if (CLAUDE_VERSION_FILE.test(path)) return "claude-code";
  const owner = lookup.packageOf(path);
  return AGENT_OF_NAME[nameOf(path)] ?? (owner === undefined ? undefined : AGENT_OF_PACKAGE[owner]);
}

function startsNode(word: string, lookup: ProgramLookup): boolean {
  const path = lookup.resolve(word);
  return path !== undefined && lookup.isNodeScript(path);
}

/** Index of the word that a wrapper starts; undefined when it starts none. */
function behindWrapper(command: readonly string[], wrapperAt: number, wrapper: Wrapper): number | undefined {
  const { subcommands = [], valueFlags = [], endFlags = [], operands = 0 } = wrapper;
  let operandsLeft = operands;
  let isSubcommandOpen = subcommands.length > 0;
  let areFlagsOver = false;
  for (let at = wrapperAt + 1; at < command.length; at++) {
    const word = command[at] ?? "";
    if (!areFlagsOver && word.startsWith("-")) {
      if (endFlags.includes(word)) return undefined;
      if (word === "--") areFlagsOver = true;
      else if (valueFlags.includes(word)) at += 1;
    } else if (isAssignment(word)) {
      // Only `env` takes them; no program has such a name.
    } else if (isSubcommandOpen && subcommands.includes(word)) {
      isSubcommandOpen = false;
    } else if (operandsLeft > 0) {
      operandsLeft -= 1;
    } else {
      return at;
    }
  }
  return undefined;
}

function isAssignment(word: string): boolean {
  return /^[A-Za-z_]\w*=/.test(word);
}

/** Without its folder, and without what systems and packages put behind it. */
function nameOf(word: string): string {
  return basename(word).replace(/\.(?:exe|cmd|[cm]?js)$/i, "");
}
