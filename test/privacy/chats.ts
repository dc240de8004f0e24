/** Chats of Gemini CLI with a secret in every place that can hold text, except in names; some are of the older form. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SECRETS } from "./secrets.ts";

const START = Date.UTC(2026, 10, 20, 13);
const TOKENS = { input: 100, output: 20, cached: 30, thoughts: 4, tool: 0, total: 124 };

/** Writes a chat of a session and of a subagent for each secret below `home`. */
export function plantChats(home: string): void {
  const project = join(home, ".gemini", "tmp", "canary");
  const chats = join(project, "chats");
  mkdirSync(chats, { recursive: true });
  writeFileSync(join(project, ".project_root"), "/home/dev/canary-gemini");
  for (const [n, { text }] of SECRETS.entries()) {
    const id = `gemini-${n}`;
    const head = { sessionId: id, projectHash: "canary", startTime: timeOf(n, 0), kind: "main", summary: text };
    const messages = messagesOf(n, id, text);
    if (n % 5 === 0) {
      writeFileSync(join(chats, `session-${id}.json`), JSON.stringify({ ...head, messages }));
      continue;
    }
    const lines = [head, ...messages, { $set: { summary: text, messages: messages.slice(0, 1) } }, { $rewindTo: text }];
    const broken = [`${text} is no JSON`, JSON.stringify([text]), JSON.stringify({ type: text, note: text })];
    writeFileSync(
      join(chats, `session-${id}.jsonl`),
      `${[...lines.map((line) => JSON.stringify(line)), ...broken].join("\n")}\n`,
    );
    mkdirSync(join(chats, id));
    const own = {
      sessionId: `sub-${n}`,
      projectHash: "canary",
      startTime: timeOf(n, 20),
      kind: "subagent",
      summary: text,
    };
    const below = [own, ...messagesOf(n, `sub-${n}`, text)].map((line) => JSON.stringify(line));
    writeFileSync(join(chats, id, `sub-${n}.jsonl`), `${below.join("\n")}\n`);
  }
}

const timeOf = (n: number, second: number): string => new Date(START + n * 60_000 + second * 1_000).toISOString();

function messagesOf(n: number, id: string, secret: string): object[] {
  const message = (at: number, type: string, fields: object): object => ({
    id: `${id}-${at}`,
    timestamp: timeOf(n, at),
    type,
    displayContent: secret,
    ...fields,
  });
  const call = (name: string, status: string, fields: object = {}): object => ({
    id: `${id}-${name}`,
    name,
    status,
    timestamp: timeOf(n, 3),
    args: { command: secret, file_path: secret, content: secret, old_string: secret, prompt: secret },
    result: [{ functionResponse: { name, response: { output: secret, error: secret } } }],
    resultDisplay: { fileDiff: secret, fileName: secret, originalContent: secret, newContent: secret, isNewFile: true },
    description: secret,
    displayName: secret,
    ...fields,
  });
  return [
    message(1, "user", { content: [{ text: secret }] }),
    message(2, "gemini", {
      content: secret,
      thoughts: [{ subject: secret, description: secret }],
      model: "gemini-2.5-flash",
      tokens: { ...TOKENS, note: secret },
      toolCalls: [
        call("run_shell_command", "error", { resultDisplay: secret }),
        call("write_file", "success"),
        call("replace", secret),
        call("read_file", "cancelled"),
      ],
    }),
    message(4, "user", { content: [{ functionResponse: { response: { output: secret } } }] }),
    message(5, "gemini", { content: [{ text: secret }], model: "gemini-2.5-flash", tokens: TOKENS }),
    message(6, "error", { content: secret }),
    message(7, "info", { content: secret }),
    message(8, secret, { content: secret }),
    { id: `${id}-9`, timestamp: secret, type: "user", content: secret },
  ];
}
