/**
 * Makes trees of Claude Code transcripts that look like real ones: kinds of lines, order of members, sizes, several
 * lines for one reply, subagents with their side files. The same seed gives the same bytes.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom, type Random } from "./lib/random.ts";

/** What to make. */
export interface TranscriptTreeOptions {
  /** Sessions are added until this many bytes are written. Default: no limit but `files`. */
  readonly totalBytes?: number | undefined;
  /** Transcripts are added until there are this many, those of subagents included. Default: no limit but `totalBytes`. */
  readonly files?: number | undefined;
  /** Roughly how large a session's transcript is, in bytes. Default 2 MiB. */
  readonly sessionBytes?: number | undefined;
  /** Default 1. */
  readonly seed?: number | undefined;
  /** When the first session begins. Default 2026-10-01. */
  readonly startMillis?: number | undefined;
}

/** What was made: what a reader must find. */
export interface TranscriptTree {
  readonly files: number;
  readonly bytes: number;
  readonly sessions: number;
  readonly prompts: number;
  readonly subagents: number;
  readonly modelCalls: number;
  readonly toolCalls: number;
  /** Tokens of all model calls. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Writes transcripts below `folder`, which stands for `~/.claude/projects`. */
export function generateTranscripts(folder: string, options: TranscriptTreeOptions): TranscriptTree {
  if (options.totalBytes === undefined && options.files === undefined) {
    throw new RangeError("generateTranscripts needs totalBytes or files: it would never end.");
  }
  const random = createRandom(options.seed ?? 1);
  const writer = createTreeWriter(folder, random, options);
  while (!writer.isFull()) writer.addSession();
  return writer.tree();
}

const MODELS = ["claude-sonnet-4-5", "claude-opus-4-6", "claude-haiku-4-5"];
const AGENTS = ["expert-backend", "expert-frontend", "manager-tdd", "Explore"];
const PROJECTS = ["shop", "billing-service", "mobile-app", "데이터-파이프라인", "infra"];
const BLOCKS_PER_REPLY = [1, 1, 2, 2, 3];

function uuid(random: Random): string {
  const hex = random.hex(32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Pieces of source code and prose to cut outputs from: quotes, line feeds, tabs, a little of other scripts. */
function createCorpus(random: Random): string {
  const lines = [
    '  const result = await client.query("SELECT id, name FROM users WHERE active = $1", [true]);',
    "\tif (error instanceof TypeError) throw new Error('cannot read ' + path, { cause: error });",
    '      <button className="primary" onClick={() => setOpen(!isOpen)}>{label}</button>',
    "// 결과를 캐시에 저장한다. 만료 시간은 설정에서 읽는다.",
    "export function mergeIntervals(intervals: readonly Interval[]): Interval[] {",
    "drwxr-xr-x  12 devusr  staff      384 Nov 21 10:04 node_modules",
    "   42→    return items.filter((item) => item.price > 0).map((item) => item.id);",
    "PASS  src/cart/total.test.ts (5.231 s)",
    "The function reads the configuration once and keeps it for the lifetime of the process.",
    "",
    "}",
    "--- a/src/server.ts\n+++ b/src/server.ts\n@@ -10,7 +10,9 @@ import { createServer } from 'node:http';",
  ];
  let corpus = "";
  while (corpus.length < 400_000) corpus += `${random.pick(lines)}\n`;
  return corpus;
}

function createTreeWriter(folder: string, random: Random, options: TranscriptTreeOptions) {
  const sessionBytes = options.sessionBytes ?? 2 << 20;
  const corpus = createCorpus(random);
  const count = { files: 0, bytes: 0, sessions: 0, prompts: 0, subagents: 0, modelCalls: 0, toolCalls: 0 };
  const tokens = { inputTokens: 0, outputTokens: 0 };
  let clockMillis = options.startMillis ?? Date.UTC(2026, 9, 1, 8);

  const isFull = (): boolean =>
    (options.files !== undefined && count.files >= options.files) ||
    (options.totalBytes !== undefined && count.bytes >= options.totalBytes);

  const text = (characters: number): string => {
    const start = random.below(corpus.length - Math.min(characters, corpus.length - 1));
    return corpus.slice(start, start + characters);
  };

  /** Many small, some large: as real outputs are. */
  const outputSize = (): number => Math.floor(120 + 40_000 * random.next() ** 5);

  const tick = (maxMillis: number): string => {
    clockMillis += 1 + random.below(maxMillis);
    return new Date(clockMillis).toISOString();
  };

  const write = (path: string, lines: readonly string[]): void => {
    const content = Buffer.from(`${lines.join("\n")}\n`);
    writeFileSync(path, content);
    count.files += 1;
    count.bytes += content.length;
  };

  interface Conversation {
    readonly lines: string[];
    readonly context: Record<string, unknown>;
    readonly side: Record<string, unknown>;
    readonly attribution: Record<string, unknown>;
    readonly model: string;
    bytes: number;
    parentUuid: string | null;
  }

  const push = (to: Conversation, record: Record<string, unknown>): void => {
    const line = JSON.stringify(record);
    to.lines.push(line);
    to.bytes += line.length;
    if (typeof record["uuid"] === "string") to.parentUuid = record["uuid"];
  };

  const usage = (): Record<string, unknown> => {
    const output = 40 + random.below(2000);
    const input = 3 + random.below(900);
    tokens.inputTokens += input;
    tokens.outputTokens += output;
    const write5m = random.below(4000);
    return {
      input_tokens: input,
      cache_creation_input_tokens: write5m,
      cache_read_input_tokens: 10_000 + random.below(120_000),
      output_tokens: output,
      server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
      service_tier: "standard",
      cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: write5m },
      inference_geo: "",
      iterations: [],
      speed: "standard",
    };
  };

  /** One reply: a line for each of its blocks, all with the same ids and usage. */
  const reply = (to: Conversation, last: Record<string, unknown>, stopReason: string): void => {
    const blocks: Record<string, unknown>[] = [last];
    const more = random.pick(BLOCKS_PER_REPLY) - 1;
    if (more > 0) blocks.unshift({ type: "text", text: text(60 + random.below(500)) });
    if (more > 1) blocks.unshift({ type: "thinking", thinking: "", signature: random.hex(300 + random.below(1200)) });
    const messageId = `msg_01${random.hex(22)}`;
    const requestId = `req_011${random.hex(21)}`;
    const counts = usage();
    count.modelCalls += 1;
    for (const block of blocks) {
      push(to, {
        parentUuid: to.parentUuid,
        ...to.side,
        message: {
          id: messageId,
          type: "message",
          role: "assistant",
          model: to.model,
          content: [block],
          stop_reason: stopReason,
          stop_sequence: null,
          usage: counts,
          stop_details: null,
        },
        requestId,
        ...to.attribution,
        type: "assistant",
        uuid: uuid(random),
        timestamp: tick(4000),
        ...to.context,
      });
    }
  };

  const toolResult = (
    to: Conversation,
    promptId: string,
    block: Record<string, unknown>,
    toolUseResult: unknown,
    maxMillis: number,
  ): void => {
    push(to, {
      parentUuid: to.parentUuid,
      ...to.side,
      promptId,
      type: "user",
      message: { role: "user", content: [block] },
      uuid: uuid(random),
      timestamp: tick(maxMillis),
      toolUseResult,
      sourceToolAssistantUUID: to.parentUuid,
      ...to.context,
    });
  };

  const callTool = (to: Conversation, promptId: string): void => {
    const id = `toolu_01${random.hex(22)}`;
    const use = (name: string, input: unknown): void => reply(to, { type: "tool_use", id, name, input }, "tool_use");
    count.toolCalls += 1;
    const path = `${String(to.context["cwd"])}/src/file-${random.below(40)}.ts`;
    const kind = random.next();
    if (kind < 0.45) {
      const content = text(outputSize());
      use("Read", { file_path: path });
      const file = { filePath: path, content, numLines: 200, startLine: 1, totalLines: 200 };
      toolResult(to, promptId, { tool_use_id: id, type: "tool_result", content }, { type: "text", file }, 80);
    } else if (kind < 0.75) {
      const stdout = text(outputSize());
      const isError = random.next() < 0.08;
      use("Bash", { command: `npm test -- ${path}`, description: "Run the tests" });
      toolResult(
        to,
        promptId,
        {
          tool_use_id: id,
          type: "tool_result",
          content: isError ? `Exit code 1\n${stdout}` : stdout,
          is_error: isError,
        },
        isError ? `Error: Exit code 1\n${stdout}` : { stdout, stderr: "", interrupted: false, isImage: false },
        20_000,
      );
    } else if (kind < 0.93) {
      const oldText = text(80 + random.below(400));
      const newText = `${text(60 + random.below(600))}\n`;
      use("Edit", { replace_all: false, file_path: path, old_string: oldText, new_string: newText });
      const hunk = [...oldText.split("\n").map((line) => `-${line}`), ...newText.split("\n").map((line) => `+${line}`)];
      const structuredPatch = [{ oldStart: 3, oldLines: 9, newStart: 3, newLines: 12, lines: hunk }];
      toolResult(
        to,
        promptId,
        { tool_use_id: id, type: "tool_result", content: `The file ${path} has been updated successfully.` },
        // Subagents of recent versions leave the detail out.
        to.side["isSidechain"] === true
          ? undefined
          : {
              filePath: path,
              oldString: oldText,
              newString: newText,
              originalFile: text(outputSize()),
              structuredPatch,
            },
        120,
      );
    } else {
      const content = text(200 + random.below(6000));
      use("Write", { file_path: path, content });
      const answer = `File created successfully at: ${path}`;
      const detail = { type: "create", filePath: path, content, structuredPatch: [], originalFile: null };
      toolResult(to, promptId, { tool_use_id: id, type: "tool_result", content: answer }, detail, 120);
    }
  };

  const runSubagent = (main: Conversation, promptId: string, sessionFolder: string, bytes: number): void => {
    const agentId = `a${random.hex(16)}`;
    const agentType = random.pick(AGENTS);
    const toolUseId = `toolu_01${random.hex(22)}`;
    const prompt = text(200 + random.below(1500));
    count.toolCalls += 1;
    count.subagents += 1;
    reply(
      main,
      {
        type: "tool_use",
        id: toolUseId,
        name: "Agent",
        input: { description: "do it", prompt, subagent_type: agentType },
      },
      "tool_use",
    );
    const agent: Conversation = {
      lines: [],
      context: main.context,
      side: { isSidechain: true, agentId },
      attribution: { attributionAgent: agentType },
      model: random.pick(MODELS),
      bytes: 0,
      parentUuid: null,
    };
    ask(agent, promptId, prompt);
    while (agent.bytes < bytes) callTool(agent, promptId);
    reply(agent, { type: "text", text: text(800) }, "end_turn");
    const folderOfAgents = join(sessionFolder, "subagents");
    mkdirSync(folderOfAgents, { recursive: true });
    const name = join(folderOfAgents, `agent-${agentId}`);
    write(`${name}.jsonl`, agent.lines);
    writeFileSync(`${name}.meta.json`, JSON.stringify({ agentType, description: "do it", toolUseId, spawnDepth: 1 }));
    const answer = text(800);
    toolResult(
      main,
      promptId,
      { tool_use_id: toolUseId, type: "tool_result", content: [{ type: "text", text: answer }] },
      { status: "completed", prompt, agentId, agentType, content: [{ type: "text", text: answer }], totalTokens: 2445 },
      500,
    );
  };

  const ask = (to: Conversation, promptId: string, prompt: string): void => {
    push(to, {
      parentUuid: to.parentUuid,
      ...to.side,
      promptId,
      type: "user",
      message: { role: "user", content: prompt },
      uuid: uuid(random),
      timestamp: tick(30_000),
      permissionMode: "default",
      ...to.context,
    });
  };

  const addSession = (): void => {
    const project = random.pick(PROJECTS);
    const sessionId = uuid(random);
    const projectFolder = join(folder, `-home-devusr-${project.replace(/[^a-zA-Z0-9]/g, "-")}`);
    const sessionFolder = join(projectFolder, sessionId);
    mkdirSync(projectFolder, { recursive: true });
    clockMillis += random.below(3_600_000);
    const main: Conversation = {
      lines: [],
      context: {
        userType: "external",
        entrypoint: "cli",
        cwd: `/home/devusr/${project}`,
        sessionId,
        version: "2.1.197",
        gitBranch: random.pick(["main", "feature/cart", "fix/тест"]),
      },
      side: { isSidechain: false },
      attribution: {},
      model: random.pick(MODELS),
      bytes: 0,
      parentUuid: null,
    };
    const size = sessionBytes * (0.25 + 1.5 * random.next());
    count.sessions += 1;
    do {
      const promptId = uuid(random);
      const prompt = text(30 + random.below(400));
      count.prompts += 1;
      push(main, { type: "queue-operation", operation: "enqueue", timestamp: tick(10), sessionId, content: prompt });
      push(main, { type: "file-history-snapshot", messageId: uuid(random), snapshot: { trackedFileBackups: {} } });
      ask(main, promptId, `Please look at this: ${prompt}`);
      const tools = random.below(12);
      for (let i = 0; i < tools && main.bytes < size; i++) callTool(main, promptId);
      if (random.next() < 0.3 && !isFull()) runSubagent(main, promptId, sessionFolder, size / 6);
      reply(main, { type: "text", text: text(300 + random.below(1500)) }, "end_turn");
      push(main, {
        parentUuid: main.parentUuid,
        ...main.side,
        type: "system",
        subtype: "turn_duration",
        durationMs: 1000 + random.below(90_000),
        timestamp: tick(20),
        uuid: uuid(random),
        ...main.context,
      });
    } while (main.bytes < size);
    push(main, { type: "last-prompt", lastPrompt: "…", leafUuid: main.parentUuid, sessionId });
    write(`${sessionFolder}.jsonl`, main.lines);
  };

  return { isFull, addSession, tree: (): TranscriptTree => ({ ...count, ...tokens }) };
}
