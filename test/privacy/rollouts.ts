/** Rollouts of Codex with a secret in every place that can hold text, except in names; every second one is compressed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { SECRETS } from "./secrets.ts";

const START = Date.UTC(2026, 10, 20, 11);
const USAGE = { input_tokens: 100, cached_input_tokens: 40, output_tokens: 9, reasoning_output_tokens: 3 };

/** Writes a rollout for each secret below `home`. */
export function plantRollouts(home: string): void {
  const folder = join(home, ".codex", "sessions", "2026", "11", "20");
  mkdirSync(folder, { recursive: true });
  for (const [n, { text }] of SECRETS.entries()) {
    const name = join(
      folder,
      `rollout-2026-11-20T11-00-00-c0dec000-0000-4000-8000-${String(n).padStart(12, "0")}.jsonl`,
    );
    const content = `${linesOf(n, text).join("\n")}\n`;
    if (n % 2 === 0) writeFileSync(name, content);
    else writeFileSync(`${name}.zst`, zstdCompressSync(Buffer.from(content)));
  }
}

function linesOf(n: number, secret: string): string[] {
  let ordinal = 0;
  const line = (type: string, payload: object): string => {
    ordinal += 1;
    const timestamp = new Date(START + n * 60_000 + ordinal * 1_000).toISOString();
    return JSON.stringify({ timestamp, ordinal, type, payload });
  };
  const event = (type: string, fields: object): string => line("event_msg", { type, turn_id: `t${n}`, ...fields });
  const item = (type: string, fields: object): string => line("response_item", { type, ...fields });
  const id = `codex-${n}`;
  const text = [{ type: "input_text", text: secret }];
  const end = { turn_id: `t${n}`, last_agent_message: secret };
  return [
    line("session_meta", {
      id,
      session_id: id,
      cwd: "/home/dev/canary-codex",
      cli_version: "0.169.0",
      source: { note: secret },
      instructions: secret,
      base_instructions: { text: secret },
      git: { branch: "main", commit_hash: secret, repository_url: secret },
      dynamic_tools: [{ name: secret, description: secret }],
    }),
    event("task_started", { turn_attribution: { turn_trigger: secret } }),
    line("turn_context", {
      turn_id: `t${n}`,
      model: "gpt-5-codex",
      cwd: secret,
      user_instructions: secret,
      developer_instructions: secret,
      summary: secret,
    }),
    event("user_message", { message: secret, images: [secret], text_elements: [secret] }),
    item("message", { role: "user", content: text }),
    item("reasoning", { summary: text, content: text, encrypted_content: secret }),
    item("function_call", { call_id: `call-${n}`, name: "exec_command", arguments: JSON.stringify({ cmd: secret }) }),
    event("exec_command_begin", { call_id: `call-${n}`, command: [secret], cwd: secret }),
    event("exec_command_end", {
      call_id: `call-${n}`,
      command: [secret],
      stdout: secret,
      stderr: secret,
      aggregated_output: secret,
      exit_code: 1,
    }),
    item("function_call_output", { call_id: `call-${n}`, output: `Exit code: 1\n${secret}` }),
    item("custom_tool_call", {
      call_id: `patch-${n}`,
      name: "apply_patch",
      input: `*** Add File: ${secret}\n+${secret}`,
    }),
    event("patch_apply_end", {
      call_id: `patch-${n}`,
      success: true,
      stdout: secret,
      changes: {
        [secret]: { type: "add", content: secret },
        b: { type: "update", unified_diff: secret, move_path: secret },
      },
    }),
    item("custom_tool_call_output", { call_id: `patch-${n}`, output: [{ type: "text", text: `Error: ${secret}` }] }),
    item("local_shell_call", { call_id: `shell-${n}`, action: { command: [secret], env: { KEY: secret } } }),
    item("web_search_call", { id: `web-${n}`, action: { query: secret } }),
    event("mcp_tool_call_end", {
      call_id: `mcp-${n}`,
      invocation: { server: "files", tool: "read", arguments: { path: secret } },
      result: { Err: secret },
    }),
    event("item_completed", { item: { type: "CommandExecution", id: `item-${n}`, command: secret, status: secret } }),
    event("item_completed", { item: { type: secret, id: `odd-${n}`, content: text } }),
    line("token_usage_record", { response_id: `codex-response-${n}`, usage: USAGE, note: secret }),
    event("token_count", {
      info: { total_token_usage: USAGE, last_token_usage: USAGE },
      rate_limits: { plan_type: secret },
    }),
    event("error", { message: secret, codex_error_info: secret }),
    event("error", { message: secret, codex_error_info: { [secret]: { http_status_code: secret } } }),
    event("turn_aborted", { reason: secret }),
    event("task_complete", end),
    event(secret, { message: secret }),
    line("compacted", { message: secret, replacement_history: text }),
    line("ghost_snapshot", { note: secret }),
    line(secret, { note: secret }),
    JSON.stringify({ timestamp: secret, type: "event_msg", payload: { type: "user_message", message: secret } }),
    `{"timestamp":"2026-11-20T11:00:00Z","type":"event_msg","payload":${JSON.stringify(secret)}`,
    `${secret} is no JSON at all`,
    JSON.stringify([secret]),
  ];
}
