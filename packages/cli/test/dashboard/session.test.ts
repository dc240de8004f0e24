/** The state of a live dashboard and what follows from changes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DashboardDetail } from "@moai-metrics/report";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { OUTPUT_SCHEMAS } from "../../../../scripts/schemas/index.ts";
import type { ReaderQuestion } from "../../src/dashboard/live/messages.ts";
import { createSession } from "../../src/dashboard/live/session.ts";
import { writeView } from "../../src/dashboard/live/write-view.ts";
import { DASHBOARD, stateOf } from "../support/dashboards.ts";

function start(write: () => Promise<string> = async () => "Written.") {
  const asked: ReaderQuestion[] = [];
  const session = createSession(
    stateOf(80, 24),
    { project: ["shop"], agent: ["main"] },
    { ask: (question) => asked.push(question), write },
  );
  return { session, asked };
}

describe("a session", () => {
  it("asks for something else when the view changes, and only then", () => {
    const { session, asked } = start();
    session.press({ text: "j" });
    session.press({ text: "s" });
    session.resize(100, 30);
    session.setSource("tail");
    expect(asked).toEqual([]);
    session.press({ text: "p" });
    session.press({ name: "enter" });
    expect(asked).toMatchObject([
      { choice: { period: "30d" }, filter: { project: ["shop"], agent: ["main"] }, detail: undefined },
      { detail: { kind: "agent", agent: "expert-backend" } },
    ]);
  });

  it("lets what is typed replace the flags of the same dimension", () => {
    const { session, asked } = start();
    for (const text of "/agent:tester fix") session.press({ text });
    expect(asked).toEqual([]);
    session.press({ name: "enter" });
    expect(asked).toMatchObject([{ filter: { project: ["shop"], agent: ["tester"] } }]);
  });

  it("takes details that are still wanted, problems and warnings", () => {
    const { session } = start();
    const detail: DashboardDetail = {
      subject: { kind: "agent", agent: "expert-backend" },
      ...{ isKnown: true, fields: [], timeline: [] },
      isCutOff: false,
    };
    session.take({ kind: "detail", detail });
    expect(session.state().detail).toBeUndefined();
    session.press({ name: "enter" });
    session.take({ kind: "detail", detail: { ...detail, subject: { kind: "agent", agent: "other" } } });
    expect(session.state().detail?.content).toBeUndefined();
    session.take({ kind: "detail", detail });
    expect(session.state().detail?.content).toBe(detail);
    session.take({ kind: "problem", message: "The disk is gone." });
    expect(session.state().problem).toBe("The disk is gone.");
    session.take({ kind: "dashboard", dashboard: DASHBOARD, warnings: ["No agent matches."] });
    expect(session.state().problem).toBe("No agent matches.");
    session.take({ kind: "dashboard", dashboard: DASHBOARD, warnings: [] });
    expect(session.state().problem).toBeUndefined();
  });

  it("tells listeners of changes until they leave", () => {
    const { session } = start();
    const listener = vi.fn();
    const leave = session.subscribe(listener);
    session.press({ text: "x" });
    session.resize(80, 24);
    expect(listener).not.toHaveBeenCalled();
    session.press({ text: "?" });
    leave();
    session.end();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(session.state().isOver).toBe(true);
  });

  it("tells what came of writing", async () => {
    const { session } = start();
    session.press({ text: "e" });
    await vi.waitFor(() => expect(session.state().notice).toBe("Written."));
    const failing = start(() => Promise.reject(new Error("EACCES: permission denied")));
    failing.session.press({ text: "e" });
    await vi.waitFor(() => expect(failing.session.state().notice).toContain("EACCES"));
  });
});

describe("writing the view", () => {
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), "view-"));
    onTestFinished(() => rmSync(made, { recursive: true }));
    return made;
  };

  it("makes a text and a document that the schema describes", async () => {
    const to = folder();
    expect(await writeView(stateOf(80, 24, { notice: "x" }), to)).toBe(
      "Written: moai-metrics-20261122T120005.txt and .json",
    );
    expect(readdirSync(to).length).toBe(2);
    const text = readFileSync(join(to, "moai-metrics-20261122T120005.txt"), "utf8");
    expect(text).toContain("expert-backend");
    expect(text).not.toContain("q quit");
    const document = JSON.parse(readFileSync(join(to, "moai-metrics-20261122T120005.json"), "utf8"));
    expect(OUTPUT_SCHEMAS["dashboard"]?.parse(document)).toEqual(document);
  });

  it("holds the detail that is open", async () => {
    const to = folder();
    const subject = { kind: "task", sessionId: "s", taskId: "t" } as const;
    const content = { subject, isKnown: true, fields: [], timeline: [], isCutOff: false };
    await writeView(stateOf(80, 24, { detail: { subject, content, offset: 0 } }), to);
    const document = JSON.parse(readFileSync(join(to, "moai-metrics-20261122T120005.json"), "utf8"));
    expect(document.detail.subject).toEqual(subject);
    expect(OUTPUT_SCHEMAS["dashboard"]?.parse(document)).toEqual(document);
  });

  it("says when there is nothing", async () => {
    expect(await writeView(stateOf(80, 24, { dashboard: undefined }), "/nowhere")).toContain("nothing to write");
  });
});
