import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClaudeCodeTranscripts, type TranscriptSource } from "@moai-metrics/agents";
import { openStore, type Store } from "@moai-metrics/store";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type CatchUpOptions, type CatchUpProgress, catchUp } from "../src/index.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const LINES = 5;

let home: string;
let store: Store;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "receiver-"));
  store = openStore({ path: join(home, "store", "metrics.db") });
  onTestFinished(() => {
    store.close();
    rmSync(home, { recursive: true, force: true });
  });
});

/** One answer of a model, as Claude Code writes it. */
function line(session: string, index: number): string {
  return `${JSON.stringify({
    type: "assistant",
    uuid: `${session}-${index}`,
    sessionId: session,
    timestamp: new Date(NOW - 3_600_000 + index * 1000).toISOString(),
    cwd: "/home/dev/shop",
    version: "2.1.197",
    requestId: `req_${session}_${index}`,
    message: {
      id: `msg_${session}_${index}`,
      role: "assistant",
      model: "claude-sonnet-4-5",
      content: [{ type: "text", text: "done" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    },
  })}\n`;
}

function writeTranscript(session: string, lines = LINES): string {
  const folder = join(home, ".claude", "projects", "-shop");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${session}.jsonl`);
  writeFileSync(path, Array.from({ length: lines }, (_, index) => line(session, index)).join(""));
  return path;
}

function run(options: Partial<CatchUpOptions> = {}, source: TranscriptSource = createClaudeCodeTranscripts()) {
  return catchUp(store, [source], { environment: { homeFolder: home, variables: {} }, nowMillis: NOW, ...options });
}

function callsStored(): number {
  return store.ledger.usage({})[0]?.calls ?? 0;
}

describe("catching up", () => {
  it("reads every transcript once and leaves unchanged ones alone the next time", () => {
    writeTranscript("a");
    writeTranscript("b");
    expect(run().sources[0]).toMatchObject({ filesFound: 2, filesRead: 2, filesUnchanged: 0, label: "Claude Code" });
    expect(callsStored()).toBe(2 * LINES);
    expect(run().sources[0]).toMatchObject({ filesFound: 2, filesRead: 0, filesUnchanged: 2, bytesRead: 0, facts: 0 });
    expect(callsStored()).toBe(2 * LINES);
  });

  it("reads only what was appended, and an unfinished last line when it is finished", () => {
    const path = writeTranscript("a");
    const next = line("a", LINES);
    run();
    appendFileSync(path, next.slice(0, 40));
    run();
    expect(callsStored()).toBe(LINES);
    appendFileSync(path, next.slice(40));
    expect(run().sources[0]?.bytesRead).toBeLessThan(2 * next.length);
    expect(callsStored()).toBe(LINES + 1);
  });

  it("counts nothing twice when a transcript was copied, or rewritten from its start", () => {
    const path = writeTranscript("a");
    run();
    const copy = join(home, "copy");
    mkdirSync(copy);
    writeFileSync(join(copy, "a.jsonl"), readFileSync(path));
    expect(run({ roots: [copy] }).sources[0]).toMatchObject({ filesRead: 1, inserted: 0, roots: [copy] });
    rmSync(path);
    writeTranscript("a", LINES + 2);
    run();
    expect(callsStored()).toBe(LINES + 2);
  });

  it("marks an empty file as read", () => {
    writeTranscript("empty", 0);
    expect(run().sources[0]?.filesRead).toBe(1);
    expect(run().sources[0]?.filesUnchanged).toBe(1);
  });

  it("counts what it skipped by reason, in the outcome and in the store, once", () => {
    appendFileSync(writeTranscript("a"), '{"type":"from-the-future"}\nnot json\n');
    const [outcome] = run().sources;
    const total = [...(outcome?.skipped.values() ?? [])].reduce((sum, count) => sum + count, 0);
    expect(total).toBe(2);
    run();
    expect(store.skipped().reduce((sum, skip) => sum + skip.count, 0)).toBe(2);
  });

  it("reports progress up to the last file and byte", () => {
    const size = readFileSync(writeTranscript("a")).length;
    const seen: CatchUpProgress[] = [];
    run({ onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({
      label: "Claude Code",
      filesDone: 1,
      filesTotal: 1,
      bytesDone: size,
      bytesTotal: size,
    });
  });

  it("closes tasks that fell silent", () => {
    store.write({
      facts: [
        {
          witness: "transcript",
          kind: "task",
          product: "claude-code",
          sessionId: "s",
          taskId: "t",
          startedAtMillis: NOW - 7_200_000,
          lastSeenAtMillis: NOW - 7_200_000,
        },
      ],
    });
    expect(run().silentTasksClosed).toBe(1);
  });

  it("survives a store that was closed by throwing the store's own error", () => {
    writeTranscript("a");
    store.close();
    expect(() => run()).toThrow(expect.objectContaining({ code: "closed" }));
  });
});

describe("a file that cannot be read", () => {
  it.skipIf(process.getuid?.() === 0)("is named, does not stop the others, and is tried again", () => {
    const path = writeTranscript("locked");
    writeTranscript("open");
    chmodSync(path, 0);
    const [outcome] = run().sources;
    expect(outcome?.failures).toEqual([{ path, code: "EACCES" }]);
    chmodSync(path, 0o600);
    expect(run().sources[0]?.filesRead).toBe(1);
  });

  it("that fails midway keeps what was read, and goes on there the next time", () => {
    const path = writeTranscript("a");
    const real = createClaudeCodeTranscripts();
    const failing: TranscriptSource = {
      ...real,
      *read(file, from, options) {
        for (const chunk of real.read(file, from, { ...options, chunkFacts: 1 })) {
          yield chunk;
          yield { facts: [], offsetBytes: 0, state: "", skipped: new Map(), bytesRead: 0, failure: "EIO" };
          return;
        }
      },
    };
    const [outcome] = run({}, failing).sources;
    expect(outcome).toMatchObject({ filesRead: 0, failures: [{ path, code: "EIO" }] });
    expect(callsStored()).toBeLessThan(LINES);
    expect(run().sources[0]).toMatchObject({ filesRead: 1, failures: [] });
    expect(callsStored()).toBe(LINES);
  });
});

describe("an interrupted catch-up", () => {
  it("keeps what was read and goes on there", () => {
    writeTranscript("a");
    writeTranscript("b");
    const abort = new AbortController();
    const outcome = run({ signal: abort.signal, onProgress: () => abort.abort() });
    expect(outcome.isInterrupted).toBe(true);
    expect(outcome.sources[0]?.filesRead).toBeLessThan(2);
    expect(callsStored()).toBeLessThan(2 * LINES);
    expect(run().isInterrupted).toBe(false);
    expect(callsStored()).toBe(2 * LINES);
  });
});

describe("a large catch-up", () => {
  it("commits in several transactions", () => {
    for (let index = 0; index < 6; index++) writeTranscript(`s${index}`, 1500);
    const path = store.path;
    const reader = openStore({ path, readOnly: true });
    onTestFinished(() => reader.close());
    const seen = new Set<number>();
    run({ onProgress: () => seen.add(reader.ledger.usage({})[0]?.calls ?? 0) });
    expect(callsStored()).toBe(9000);
    expect([...seen].some((calls) => calls > 0 && calls < 9000)).toBe(true);
    expect(run().sources[0]?.filesUnchanged).toBe(6);
  });
});
