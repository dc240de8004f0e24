import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClaudeCodeTranscripts } from "@moai-metrics/agents";
import { DEFAULT_CONFIG, databasePath } from "@moai-metrics/settings";
import { createUsableStore, StoreError } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import type { BackgroundEvent } from "../../src/background/messages.ts";
import { createCatchUpJob, createPeriodicWork, type PeriodicJob } from "../../src/background/periodic-work.ts";
import { watchFolders } from "../../src/background/watch-folders.ts";
import { temporaryFolder } from "../support/receiver.ts";

function create(jobsOf: (tell: (event: BackgroundEvent) => void) => readonly PeriodicJob[]) {
  const events: BackgroundEvent[] = [];
  const tell = (event: BackgroundEvent): void => void events.push(event);
  const file = createUsableStore({ path: databasePath(temporaryFolder()) }, () => performance.now());
  onTestFinished(() => file.close());
  const busy: number[] = [];
  const round = createPeriodicWork({ file, jobs: jobsOf(tell), tell, onBusy: () => void busy.push(1) });
  return { events, busy, round };
}

describe("a round of work", () => {
  it("does every job whatever becomes of the others, and tells once what is wrong", async () => {
    const done: string[] = [];
    let error: Error | undefined = new Error("no good");
    const { events, round } = create(() => [
      {
        name: "first",
        run: () => {
          if (error !== undefined) throw error;
        },
      },
      { name: "second", run: async () => void done.push("second") },
    ]);
    await round();
    await round();
    expect(done).toEqual(["second", "second"]);
    expect(events).toEqual([{ kind: "warning", message: "first: no good" }]);
    error = undefined;
    await round();
    error = new Error("no good");
    await round();
    expect(events).toHaveLength(2);
  });

  it("says nothing of a file that another process is writing, and wants another round soon", async () => {
    const { events, busy, round } = create(() => [
      {
        name: "busy",
        run: () => {
          throw new StoreError("busy", "Another process writes.");
        },
      },
    ]);
    await round();
    expect(events).toEqual([]);
    expect(busy).toHaveLength(1);
  });

  it("takes transcripts in, tells of what it cannot read once, and stops when it is told to", async () => {
    const home = temporaryFolder();
    const project = join(home, ".claude", "projects", "-p");
    mkdirSync(project, { recursive: true });
    const record = {
      type: "user",
      sessionId: "s",
      uuid: "u",
      timestamp: "2026-11-22T10:00:00Z",
      message: { role: "user", content: "x" },
    };
    writeFileSync(join(project, "s.jsonl"), `${JSON.stringify(record)}\n`);
    const signal = { aborted: false };
    const { events, round } = create((tell) => [
      createCatchUpJob({
        sources: [createClaudeCodeTranscripts()],
        environment: { homeFolder: home, variables: {} },
        spoolFolder: join(home, "spool"),
        configOf: () => DEFAULT_CONFIG,
        signal: signal as AbortSignal,
        now: () => Date.UTC(2026, 10, 22, 10),
        tell,
      }),
    ]);
    await round();
    expect(events).toEqual([{ kind: "caught_up", facts: expect.any(Number), points: 0, files: 1 }]);
    await round();
    expect(events).toHaveLength(1);
    signal.aborted = true;
    appendFileSync(join(project, "s.jsonl"), `${JSON.stringify({ ...record, uuid: "v" })}\n`);
    await round();
    expect(events).toHaveLength(1);
  });

  it("tells once of a transcript and of a spool file that it cannot read", async () => {
    const home = temporaryFolder();
    const spoolFolder = join(home, "spool");
    mkdirSync(spoolFolder);
    writeFileSync(join(spoolFolder, "1-1-0_1.json"), '{"version":3}');
    writeFileSync(join(spoolFolder, "1-1-0_2.json"), "cut o");
    const file = { path: "/p/s.jsonl", inode: 1, sizeBytes: 1, modifiedAtMillis: 1 };
    const chunk = { facts: [], skipped: new Map(), bytesRead: 0, offsetBytes: 0, state: "", failure: "EACCES" };
    const { events, round } = create((tell) => [
      createCatchUpJob({
        sources: [
          {
            product: "p",
            label: "P",
            roots: () => ["/p"],
            discover: () => ({ files: [file], skipped: new Map() }),
            *read() {
              yield chunk;
            },
          },
        ],
        environment: { homeFolder: home, variables: {} },
        spoolFolder,
        configOf: () => DEFAULT_CONFIG,
        signal: new AbortController().signal,
        now: Date.now,
        tell,
      }),
    ]);
    await round();
    await round();
    expect(events).toEqual([
      { kind: "warning", message: "/p/s.jsonl cannot be read (EACCES); it is tried again." },
      { kind: "warning", message: expect.stringContaining("1-1-0_1.json is of a newer version, or cannot be read") },
      { kind: "warning", message: expect.stringMatching(/1-1-0_2\.json is damaged; .*1-1-0_2\.json\.broken\.$/) },
    ]);
  });
});

describe("watching folders", () => {
  const until = async (isTrue: () => boolean): Promise<void> => {
    while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it("tells of changes below them, also of folders that come into being later", async () => {
    const home = temporaryFolder();
    const [early, late] = [join(home, "early"), join(home, "late")];
    mkdirSync(early);
    let changes = 0;
    const watch = watchFolders([early, late], () => (changes += 1));
    onTestFinished(() => watch.close());
    mkdirSync(join(early, "below"));
    await until(() => changes > 0);
    mkdirSync(late);
    watch.refresh();
    watch.refresh();
    const before = changes;
    writeFileSync(join(late, "file"), "x");
    await until(() => changes > before);
    rmSync(late, { recursive: true });
    watch.close();
    watch.close();
  });

  it("tells by itself of a folder that comes, with the folders above it or again", async () => {
    const home = temporaryFolder();
    const sessions = join(home, ".codex", "sessions");
    let changes = 0;
    const watch = watchFolders([sessions], () => (changes += 1));
    onTestFinished(() => watch.close());
    mkdirSync(sessions, { recursive: true });
    await until(() => changes > 0);
    rmSync(join(home, ".codex"), { recursive: true });
    expect(watch.refresh()).toBe(false);
    const before = changes;
    mkdirSync(join(home, ".codex"));
    mkdirSync(sessions);
    await until(() => changes > before);
    const again = changes;
    writeFileSync(join(sessions, "rollout.jsonl"), "x");
    await until(() => changes > again);
  });
});
