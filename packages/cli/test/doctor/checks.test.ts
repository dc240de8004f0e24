import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StoreError } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { serviceFindings } from "../../src/doctor/check-receiver.ts";
import { folderFindings, spoolFindings, storeFindings, unreadableFinding } from "../../src/doctor/check-storage.ts";
import { EMPTY_JOURNAL } from "../../src/init/journal.ts";
import { planInit } from "../../src/init/plan-init.ts";
import { leftAloneLines } from "../../src/init/show-changes.ts";
import type { Situation } from "../../src/init/situation.ts";
import { doctorLines } from "../../src/output/doctor-account.ts";
import { NOW, temporaryHome } from "../support/run-binary.ts";

describe("the checks of doctor", () => {
  it("refuse a network file system", () => {
    const folder = temporaryHome();
    expect(folderFindings(folder, () => "NFS")).toMatchObject([
      { state: "problem", message: expect.stringContaining("NFS") },
    ]);
    expect(folderFindings(folder)).toMatchObject([{ state: "ok" }]);
  });

  it("leave a receiver some time for what waits", () => {
    const folder = temporaryHome();
    for (const name of ["a.hook", "b.hook", "c.tmp"]) writeFileSync(join(folder, name), "{}");
    mkdirSync(join(folder, "inner"));
    expect(spoolFindings(folder, NOW, true)).toMatchObject([{ state: "ok", message: "2 files wait" }]);
  });

  it("leave large and newer stores to commands of their own", () => {
    const path = join(temporaryHome(), "metrics.db");
    writeFileSync(path, Buffer.alloc(33 * 1024 * 1024));
    const check = () => {
      throw new Error("not asked for");
    };
    expect(storeFindings({ path, notice: undefined, check })).toMatchObject([
      { state: "ok", message: expect.stringContaining("db check") },
    ]);
    expect(storeFindings({ path, notice: "It is newer.", check })).toMatchObject([
      { state: "problem", message: "It is newer." },
    ]);
    const broken = { isSound: false, parts: [{ name: "rollups" as const, problems: ["x"], unlisted: 0 }] };
    writeFileSync(path, "small");
    expect(storeFindings({ path, notice: undefined, check: () => broken })).toMatchObject([
      { state: "problem", message: expect.stringContaining("rollups") },
    ]);
  });

  it("do not call a store fine into which nothing can be written", () => {
    const store = { path: "/data/metrics.db", notice: undefined, check: () => ({ isSound: true, parts: [] }) };
    for (const closed of ["/data/metrics.db", "/data"]) {
      const place = { mayWrite: (path: string) => path !== closed, missingBytes: () => undefined };
      expect(storeFindings(store, place)).toMatchObject([
        { state: "problem", message: `${closed} cannot be written: nothing new is collected` },
      ]);
    }
  });

  it("do not call a store fine whose disk is too full to write", () => {
    const store = { path: "/data/metrics.db", notice: undefined, check: () => ({ isSound: true, parts: [] }) };
    const place = { mayWrite: () => true, missingBytes: () => 12_300_000 };
    expect(storeFindings(store, place)).toMatchObject([
      {
        state: "problem",
        message: "the disk is nearly full, 12.3 MB must be freed: nothing new is collected",
        next: expect.stringContaining("db vacuum"),
      },
    ]);
  });

  it("take a store that is still being made, or is busy, for no problem", () => {
    for (const code of ["not_found", "busy"] as const) {
      expect(unreadableFinding(new StoreError(code, "m"))).toMatchObject({ state: "note", message: "m" });
    }
    expect(unreadableFinding(new StoreError("full", "m"))).toMatchObject({ state: "problem", next: undefined });
  });

  it("know of no service where there is none", async () => {
    expect(
      await serviceFindings({ service: undefined, receiver: { state: "none" } } as unknown as Situation, {}),
    ).toMatchObject([{ state: "note" }]);
  });

  it("print each thing once, with what to do", () => {
    const findings = [
      { about: "machine", check: "store", state: "ok", message: "is \u001b[31mwhole" },
      { about: "codex", check: "hooks", state: "problem", message: "m", next: "n" },
    ] as const;
    expect(doctorLines(findings, 80)).toEqual([
      "machine",
      "ok       store: is \ufffd[31mwhole",
      "",
      "codex",
      "PROBLEM  hooks: m",
      "         → n",
    ]);
  });
});

describe("what an administrator manages", () => {
  const claude = {
    id: "claude-code",
    label: "Claude Code",
    program: { path: "/c", version: "2.1.330" },
    folders: ["/h"],
    isHere: true,
  } as const;
  const plan = (managed: object) =>
    planInit(
      {
        storage: "/s",
        url: "http://127.0.0.1:4318",
        managed,
        agents: [claude],
        packageFolder: "/p",
      } as unknown as Situation,
      { agents: [claude], withService: false, isReceived: true, variables: {} },
      {
        journal: EMPTY_JOURNAL,
        read: (path) => ({ target: path, text: undefined, mode: undefined }),
        hookScript: () => "x",
        token: undefined,
      },
    );

  it("decides whether and how hooks are written", () => {
    expect(JSON.stringify(plan({}))).toContain('"type":"http"');
    const limited = JSON.stringify(plan({ allowedHttpHookUrls: [] }));
    expect(limited).not.toContain('"type":"http"');
    expect(limited).toContain('"type":"command"');
    const none = plan({ allowManagedHooksOnly: true });
    expect(JSON.stringify(none)).not.toContain('"type":"');
    expect(none.notes).toEqual([expect.stringContaining("allows no other hooks")]);
    expect(plan({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: "https://x" } }).notes.join()).toContain("managed settings");
  });
});

describe("what init leaves alone", () => {
  it("is said in short", () => {
    const kept = [{ path: ["env", "A"], value: "x".repeat(100) }];
    const impossible = [{ kind: "value", path: ["env", "B"], value: 1 }] as const;
    const lines = leftAloneLines({ path: "/f", change: undefined, problem: "it is odd", kept, impossible });
    expect(lines).toEqual([
      "/f is left alone: it is odd.",
      expect.stringMatching(/^\/f: env\.A is "x{39}… there and stays so\.$/),
      "/f: env.B cannot be added to what stands there.",
    ]);
  });
});
