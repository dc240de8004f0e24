/** Transcripts of Claude Code with a secret in every place that can hold text, except in names. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SECRETS } from "./secrets.ts";

const START = Date.UTC(2026, 10, 20, 9);

/** Writes the transcripts of a session and of a subagent for each secret below `home`. */
export function plantTranscripts(home: string): void {
  const projects = join(home, ".claude", "projects", "-home-dev-shop");
  for (const [n, { text }] of SECRETS.entries()) {
    const session = `5e551011-0000-4000-8000-${String(n).padStart(12, "0")}`;
    write(join(projects, `${session}.jsonl`), mainLines(n, session, text));
    const agent = join(projects, session, "subagents", `agent-a${n}`);
    write(`${agent}.jsonl`, subagentLines(n, session, text));
    write(`${agent}.meta.json`, [
      JSON.stringify({
        agentType: "expert-backend",
        toolUseId: `toolu_agent_${n}`,
        description: text,
        prompt: text,
        name: text,
      }),
    ]);
    write(join(projects, session, "tool-results", `toolu_bash_${n}.txt`), [text]);
  }
}

function write(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${lines.join("\n")}\n`);
}

/** Numbers the lines of one file and gives them what all lines have. */
function createLines(n: number, session: string, common: object) {
  let count = 0;
  return (fields: object): string => {
    count += 1;
    return JSON.stringify({
      uuid: `line-${session}-${count}`,
      timestamp: new Date(START + n * 60_000 + count * 1_000).toISOString(),
      sessionId: session,
      cwd: "/home/dev/canary-project",
      gitBranch: "main",
      version: "2.1.197",
      userType: "external",
      ...common,
      ...fields,
    });
  };
}

const USAGE = { input_tokens: 10, cache_read_input_tokens: 20, cache_creation_input_tokens: 0, output_tokens: 5 };

const assistant = (id: string, content: readonly object[], secret: string, more: object = {}) => ({
  type: "assistant",
  requestId: `req_${id}`,
  message: {
    id: `msg_${id}`,
    model: "claude-sonnet-4-5",
    role: "assistant",
    content,
    usage: { ...USAGE, note: secret },
    stop_sequence: secret,
  },
  ...more,
});

const result = (id: string, secret: string, toolUseResult: object | string, isError = false) => ({
  type: "user",
  message: { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: secret, is_error: isError }] },
  toolUseResult,
});

function mainLines(n: number, session: string, secret: string): string[] {
  const line = createLines(n, session, { promptId: `prompt-${n}`, slug: secret });
  const id = `main_${n}`;
  const patch = [{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines: [`-${secret}`, `+${secret}`] }];
  return [
    line({ type: "user", message: { role: "user", content: secret } }),
    line({ type: "user", isMeta: true, message: { role: "user", content: [{ type: "text", text: secret }] } }),
    line(
      assistant(
        id,
        [
          { type: "thinking", thinking: secret, signature: secret },
          { type: "text", text: secret, citations: [secret] },
          { type: "tool_use", id: `toolu_bash_${n}`, name: "Bash", input: { command: secret, description: secret } },
          { type: "tool_use", id: `toolu_fail_${n}`, name: "Bash", input: { command: secret } },
          {
            type: "tool_use",
            id: `toolu_write_${n}`,
            name: "Write",
            input: { file_path: `/home/dev/${secret}`, content: secret },
          },
          {
            type: "tool_use",
            id: `toolu_edit_${n}`,
            name: "Edit",
            input: { file_path: secret, old_string: secret, new_string: `${secret}\nx` },
          },
          {
            type: "tool_use",
            id: `toolu_agent_${n}`,
            name: "Agent",
            input: { prompt: secret, description: secret, subagent_type: "expert-backend" },
          },
          { type: "tool_use", id: `toolu_open_${n}`, name: "Write", input: { file_path: secret, content: secret } },
          { type: secret, text: secret },
        ],
        secret,
      ),
    ),
    line(result(`toolu_bash_${n}`, secret, { stdout: secret, stderr: secret, interrupted: false })),
    line(result(`toolu_fail_${n}`, `Error: ${secret}`, `Error: ${secret}`, true)),
    line(
      result(`toolu_write_${n}`, secret, {
        type: "create",
        filePath: `/home/dev/${secret}`,
        content: secret,
        structuredPatch: [],
      }),
    ),
    line(
      result(`toolu_edit_${n}`, secret, {
        filePath: secret,
        oldString: secret,
        newString: secret,
        originalFile: secret,
        structuredPatch: patch,
      }),
    ),
    line(
      result(`toolu_agent_${n}`, secret, {
        status: "completed",
        prompt: secret,
        agentId: `a${n}`,
        agentType: "expert-backend",
        content: [{ type: "text", text: secret }],
      }),
    ),
    line({
      ...assistant(`error_${n}`, [{ type: "text", text: secret }], secret),
      isApiErrorMessage: true,
      error: secret,
      apiError: secret,
    }),
    line({ type: "system", subtype: "api_error", error: { message: secret }, content: secret }),
    line({ type: "system", subtype: secret, content: secret }),
    ...[
      "summary",
      "ai-title",
      "custom-title",
      "last-prompt",
      "queue-operation",
      "attachment",
      "progress",
      "pr-link",
    ].map((type) =>
      line({ type, summary: secret, title: secret, lastPrompt: secret, content: secret, attachment: { text: secret } }),
    ),
    line({ type: "file-history-snapshot", snapshot: { trackedFileBackups: { [secret]: { backupFileName: secret } } } }),
    line({ type: secret, content: secret }),
    line({ type: "user", message: { role: "user", content: `<command-name>/${secret}</command-name>` } }),
    line({ type: "user", message: { role: "user", content: `[Request interrupted by user] ${secret}` } }),
    line({
      type: "user",
      [secret]: secret,
      message: { role: secret, content: [{ type: "image", source: { data: secret } }] },
    }),
    `{"type":"user","message":{"content":${JSON.stringify(secret)}`,
    `${secret} is no JSON at all`,
    JSON.stringify(secret),
    JSON.stringify([secret]),
    JSON.stringify({ type: "user", timestamp: secret, message: secret }),
  ];
}

function subagentLines(n: number, session: string, secret: string): string[] {
  const line = createLines(n, session, { isSidechain: true, agentId: `a${n}` });
  return [
    line({ type: "user", message: { role: "user", content: secret } }),
    line(
      assistant(
        `side_${n}`,
        [{ type: "tool_use", id: `toolu_side_${n}`, name: "Bash", input: { command: secret } }],
        secret,
      ),
    ),
    line(result(`toolu_side_${n}`, `<error>${secret}</error>`, `Error: ${secret}`, true)),
    line(assistant(`end_${n}`, [{ type: "text", text: secret }], secret)),
  ];
}
