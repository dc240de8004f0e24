/** Transcripts of Claude Code in which replies come more than once, in every way that is known. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const START = Date.UTC(2026, 9, 25);
const HOUR = 3_600_000;
const MODELS = ["claude-sonnet-4-5-20250929", "claude-opus-4-6", "claude-haiku-4-5-20251001"];

/** Which oddities are in the transcripts. */
export interface OddTranscripts {
  /** Sessions with every oddity on which all readers agree. */
  readonly sessions: number;
  /** Behind some gateways a quarter of the replies has no request id. */
  readonly lacksRequestIds?: boolean;
  /** Side conversations repeat replies under request ids of their own. */
  readonly hasReplays?: boolean;
}

type Line = Readonly<Record<string, unknown>>;

/** Writes transcripts below `projects`. The same options give the same bytes. */
export function writeOddTranscripts(projects: string, { sessions, lacksRequestIds, hasReplays }: OddTranscripts): void {
  for (let s = 0; s < sessions; s++) {
    const session = sessionId(s);
    const folder = join(projects, `-home-dev-project-${s % 4}`);
    const own = Array.from({ length: 12 }, (_, n) => reply(s, n, lacksRequestIds === true && n % 4 === 3)).flat();
    write(join(folder, `${session}.jsonl`), [...own, ...errors(s), ...splitOnly(s)]);
    const side = { isSidechain: true, agentId: `a${s}` };
    const runs = Array.from({ length: 5 }, (_, n) => reply(s, 100 + n)).flat();
    write(join(folder, session, "subagents", `agent-a${s}.jsonl`), [
      ...runs.map((line) => ({ ...line, ...side })),
      ...(hasReplays
        ? own.slice(0, 4).map((line, n) => ({ ...line, ...side, requestId: `req_replay_${s}_${n}` }))
        : []),
    ]);
    // Going on with a session copies its lines into the file of the new one, as they are.
    if (s % 3 === 1) {
      const later = reply(s, 200).map((line) => ({ ...line, sessionId: resumedId(s) }));
      write(join(folder, `${resumedId(s)}.jsonl`), [...own, ...later]);
    }
    // A fork rewrites the session id and says where each line came from.
    if (s % 3 === 2) {
      const forkId = forkedId(s);
      const copies = own.map((line) => ({
        ...line,
        sessionId: forkId,
        forkedFrom: { sessionId: session, messageUuid: line["uuid"] },
      }));
      write(join(folder, `${forkId}.jsonl`), [
        ...copies,
        ...reply(s, 300).map((line) => ({ ...line, sessionId: forkId })),
      ]);
    }
  }
}

const sessionId = (s: number): string => `00000000-0000-4000-8000-${String(s).padStart(12, "0")}`;
const resumedId = (s: number): string => `11111111-0000-4000-8000-${String(s).padStart(12, "0")}`;
const forkedId = (s: number): string => `22222222-0000-4000-8000-${String(s).padStart(12, "0")}`;

function write(path: string, lines: readonly Line[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
}

/** A reply as one, two or three lines, one for each of its blocks. */
function reply(s: number, n: number, lacksRequestId = false): Line[] {
  const output = 50 + ((s * 7 + n * 13) % 400);
  const write5m = (n % 3) * 100;
  const write1h = (n % 2) * 70;
  const usage = (outputTokens: number) => ({
    input_tokens: 100 + n,
    cache_read_input_tokens: 1_000 * (n % 5),
    cache_creation_input_tokens: write5m + write1h,
    cache_creation: { ephemeral_5m_input_tokens: write5m, ephemeral_1h_input_tokens: write1h },
    output_tokens: outputTokens,
  });
  const lines = 1 + (n % 3);
  return Array.from({ length: lines }, (_, block) =>
    line(s, n, block, {
      ...(lacksRequestId ? {} : { requestId: `req_${s}_${n}` }),
      message: {
        id: `msg_${s}_${n}`,
        role: "assistant",
        model: MODELS[(s + n) % MODELS.length],
        content: [{ type: "text", text: `block ${block}` }],
        // The first lines of a reply may hold a placeholder for the output.
        usage: usage(n % 5 === 4 && block < lines - 1 ? 1 : output),
      },
    }),
  );
}

function line(s: number, n: number, block: number, fields: Line): Line {
  return {
    type: "assistant",
    uuid: `uuid-${s}-${n}-${block}`,
    timestamp: new Date(START + s * 5 * HOUR + n * 20 * 60_000 + block * 1_000).toISOString(),
    sessionId: sessionId(s),
    cwd: `/home/dev/project-${s % 4}`,
    version: "2.1.197",
    ...fields,
  };
}

/** What the product writes in place of a reply: no tokens, and no call. */
function errors(s: number): Line[] {
  const message = {
    id: `error-${s}`,
    role: "assistant",
    model: "<synthetic>",
    content: [{ type: "text", text: "API Error" }],
    usage: { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
  };
  return [line(s, 50, 0, { isApiErrorMessage: true, error: "rate_limit", message })];
}

/** A reply of a release that gave only the split of the cache writes, and 0 as their sum. */
function splitOnly(s: number): Line[] {
  return [
    line(s, 60, 0, {
      requestId: `req_${s}_split`,
      message: {
        id: `msg_${s}_split`,
        role: "assistant",
        model: MODELS[0],
        content: [],
        usage: {
          input_tokens: 10,
          output_tokens: 20,
          cache_read_input_tokens: 0,
          cache_creation_input_tokens: 0,
          cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 50 },
        },
      },
    }),
  ];
}
