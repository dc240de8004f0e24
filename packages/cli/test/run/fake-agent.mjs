#!/usr/bin/env node
// An agent as `run` sees one: it sends telemetry where its environment says, reads, writes, and ends as it is told.
// Prints into the file FAKE_OUTPUT where that is set.
// Usage: fake-agent.mjs [send] [echo] [exit N] [kill SIGNAL] [signals N] [tty] [print NAME] [arguments]
import { appendFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { isatty } from "node:tty";

const words = process.argv.slice(2);
const file = process.env.FAKE_OUTPUT;
if (file !== undefined) rmSync(file, { force: true });
const print = (line) => (file === undefined ? process.stdout.write(`${line}\n`) : appendFileSync(file, `${line}\n`));
const session = process.env.FAKE_SESSION ?? "fake-session";

/** One model call of 100 input and 20 output tokens, as Claude Code tells it. */
function logs() {
  const now = Date.now();
  const attribute = (key, value) => ({
    key,
    value: typeof value === "number" ? { intValue: value } : { stringValue: value },
  });
  const record = (name, attributes) => ({
    timeUnixNano: String(BigInt(now) * 1_000_000n),
    body: { stringValue: `claude_code.${name}` },
    attributes: Object.entries({
      "event.name": name,
      "session.id": session,
      "prompt.id": `prompt-of-${session}`,
      ...attributes,
    }).map(([key, value]) => attribute(key, value)),
  });
  const usage = { input_tokens: 100, output_tokens: 20, cache_read_tokens: 0, cache_creation_tokens: 0 };
  const call = { model: "claude-sonnet-4-5", request_id: `req-of-${session}`, query_source: "sdk", duration_ms: 5 };
  const tool = {
    tool_name: "Bash",
    tool_use_id: `tool-of-${session}`,
    success: "true",
    duration_ms: process.env.FAKE_TOOL_MILLIS ?? "12",
  };
  const records = [
    record("user_prompt", {}),
    record("api_request", { ...call, ...usage }),
    record("tool_result", tool),
  ];
  return {
    resourceLogs: [{ scopeLogs: [{ scope: { name: "com.anthropic.claude_code.events" }, logRecords: records }] }],
  };
}

function send() {
  const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (
    process.env.FAKE_SILENT !== undefined ||
    endpoint === undefined ||
    process.env.CLAUDE_CODE_ENABLE_TELEMETRY !== "1"
  )
    return Promise.resolve();
  const [, authorization] = /^Authorization=(.*)$/.exec(process.env.OTEL_EXPORTER_OTLP_HEADERS ?? "") ?? [];
  const headers = {
    "Content-Type": "application/json",
    ...(authorization === undefined ? {} : { Authorization: decodeURIComponent(authorization) }),
  };
  return new Promise((resolve) => {
    const outgoing = request(`${endpoint}/v1/logs`, { method: "POST", headers, agent: false }, (response) => {
      response.resume().on("end", resolve);
    });
    outgoing.on("error", resolve);
    outgoing.end(JSON.stringify(logs()));
  });
}

for (let at = 0; at < words.length; at++) {
  const [word, value] = [words[at], words[at + 1]];
  if (word === "send") await send();
  else if (word === "echo") for await (const chunk of process.stdin) process.stdout.write(chunk);
  else if (word === "tty") print(String([0, 1, 2].map((fd) => isatty(fd))));
  else if (word === "print") print(process.env[value] ?? "(unset)");
  else if (word === "arguments") print(JSON.stringify(words));
  else if (word === "exit") process.exit(Number(value));
  else if (word === "kill") {
    process.kill(process.pid, value);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  } else if (word === "signals") {
    let left = Number(value);
    const keepAlive = setInterval(() => {}, 1000);
    await new Promise((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2", "SIGCONT"]) {
        process.on(signal, () => {
          print(signal);
          left -= 1;
          if (left === 0) setTimeout(resolve, 100);
        });
      }
      print(`ready ${process.pid}`);
    });
    clearInterval(keepAlive);
  }
}
