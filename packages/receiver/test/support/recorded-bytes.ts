/** The four recorded runs as bytes: bodies as they were received, transcripts where agents put them, hooks as files. */
import { cpSync, mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Encoding, Signal } from "../../src/otlp/signals.ts";

const OWN = new URL("../fixtures/otlp/", import.meta.url);
const AGENTS = new URL("../../../agents/test/fixtures/", import.meta.url);

/** One request as it was received. */
export interface RecordedRequest {
  readonly signal: Signal;
  readonly encoding: Encoding;
  readonly body: Buffer;
}

/** A run and what it truly was. */
export interface RecordedRun {
  readonly name: string;
  readonly product: string;
  readonly sessionId: string;
  readonly calls: number;
  /** Input, cache reads, cache writes, output. */
  readonly tokens: readonly [number, number, number, number];
  readonly toolCalls: number;
  readonly requests: readonly RecordedRequest[];
  /** Who tells of the calls, each of all of them. */
  readonly callTellers: readonly ("transcript" | "log" | "span" | "metric")[];
  readonly toolTellers: readonly ("transcript" | "log" | "span" | "hook")[];
}

const request = (signal: Signal, encoding: Encoding, file: URL): RecordedRequest => ({
  signal,
  encoding,
  body: readFileSync(file),
});
const own = (signal: Signal, name: string): RecordedRequest =>
  request(signal, name.endsWith(".pb") ? "protobuf" : "json", new URL(name, OWN));
const agents = (signal: Signal, name: string): RecordedRequest => request(signal, "json", new URL(name, AGENTS));

export const RECORDED_RUNS: readonly RecordedRun[] = [
  {
    name: "one prompt of Claude Code",
    product: "claude-code",
    sessionId: "ffe99fd8-293d-4386-9684-e112099a4ead",
    calls: 2,
    tokens: [2400, 1600, 200, 690],
    toolCalls: 1,
    requests: [
      own("traces", "claude-code-traces.pb"),
      own("logs", "claude-code-logs.pb"),
      own("metrics", "claude-code-metrics.pb"),
    ],
    callTellers: ["transcript", "log", "span", "metric"],
    toolTellers: ["transcript", "log", "span"],
  },
  {
    name: "a subagent of Claude Code",
    product: "claude-code",
    sessionId: "eb48af2e-79c3-46e9-aef8-1722a7dd74f2",
    calls: 7,
    tokens: [8400, 5600, 700, 2415],
    toolCalls: 5,
    requests: [
      agents("traces", "claude-code-otlp/subagent-traces.json"),
      agents("logs", "claude-code-otlp/subagent-logs.json"),
      own("metrics", "claude-code-metrics.json"),
    ],
    callTellers: ["transcript", "log", "span", "metric"],
    toolTellers: ["transcript", "log", "span", "hook"],
  },
  {
    name: "one prompt of Codex",
    product: "codex",
    sessionId: "01a20217-b712-74a1-b8c2-492b4879e283",
    calls: 2,
    tokens: [800, 1600, 0, 690],
    toolCalls: 1,
    requests: [
      own("traces", "codex-traces.pb"),
      own("traces", "codex-traces-2.pb"),
      own("metrics", "codex-metrics.pb"),
      own("logs", "codex-logs.pb"),
    ],
    callTellers: ["transcript", "log"],
    toolTellers: ["transcript", "log"],
  },
  {
    name: "one prompt of Gemini CLI",
    product: "gemini-cli",
    sessionId: "057dcb32-762a-49dc-95bf-9c84b65bb1e1",
    calls: 2,
    tokens: [800, 1600, 0, 690],
    toolCalls: 1,
    requests: [
      own("traces", "gemini-cli-traces.json"),
      agents("logs", "gemini-cli-otlp/logs.json"),
      own("metrics", "gemini-cli-metrics.json"),
    ],
    callTellers: ["transcript", "log", "metric"],
    toolTellers: ["transcript"],
  },
];

const TRANSCRIPTS: Readonly<Record<string, string>> = {
  "claude-code/plain/projects": ".claude/projects",
  "claude-code/subagent/projects": ".claude/projects",
  "codex/sessions": ".codex/sessions",
  "gemini-cli": ".gemini/tmp",
};

/** Puts the transcripts of all runs where the agents put them. */
export function layTranscripts(home: string): void {
  for (const [from, to] of Object.entries(TRANSCRIPTS)) {
    cpSync(fileURLToPath(new URL(from, AGENTS)), join(home, to), { recursive: true });
  }
}

/** When the first hook of the run with a subagent was called; the times of the others were not recorded. */
const FIRST_HOOK_MILLIS = Date.UTC(2026, 10, 22, 7, 37, 34, 214);

/** Leaves what the hooks of the run with a subagent were handed in a spool, as the shipped script does. */
export function leaveHooks(spool: string): void {
  mkdirSync(spool, { recursive: true });
  const lines = readFileSync(new URL("claude-code-otlp/subagent-hooks.jsonl", AGENTS), "utf8").trim().split("\n");
  for (const [at, line] of lines.entries()) {
    const path = join(spool, `run-${at}`);
    writeFileSync(`${path}.tmp`, JSON.stringify({ product: "claude-code", ...JSON.parse(line) }));
    const seconds = (FIRST_HOOK_MILLIS + at * 20) / 1000;
    utimesSync(`${path}.tmp`, seconds, seconds);
    renameSync(`${path}.tmp`, `${path}.hook`);
  }
}
