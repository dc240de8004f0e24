/** What is drawn before a thread is started and before anything is loaded that draws all day. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPalette } from "@moai-metrics/report";
import { DEFAULT_CONFIG } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { call, NOON, session, task } from "../../../report/test/support/ledger.ts";
import { drawFirstFrame } from "../../src/dashboard/live/first-frame.ts";
import { createSession, questionOf } from "../../src/dashboard/live/session.ts";
import { initialState } from "../../src/dashboard/state.ts";

/** The frames that are drawn over a store. */
function framesOver(path: string): string[] {
  const start = initialState({ columns: 100, rows: 30 });
  const frames: string[] = [];
  drawFirstFrame(
    { draw: (lines) => void frames.push(lines.join("\n")) },
    {
      session: createSession(start, {}, { ask: () => {}, write: async () => "" }),
      palette: createPalette(false),
      now: () => NOON + 1_000,
      place: {
        ...{ path, config: DEFAULT_CONFIG, timeZone: "UTC", isSystemZone: false, workingFolder: "/" },
        ...{ intervalMillis: 5_000, isOwnData: true, question: questionOf(start, {}), sources: undefined },
      },
    },
  );
  return frames;
}

function pathOfStore(): string {
  const folder = mkdtempSync(join(tmpdir(), "first-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "metrics.db");
}

describe("the first frame", () => {
  it("has the figures of the store, and comes behind one that says what is waited for", () => {
    const path = pathOfStore();
    {
      using store = openStore({ path });
      const end = task("s", "t", "someone", NOON, "success");
      store.write({ facts: [session("s", NOON - 60_000, NOON), end, call("s", "t", "r", NOON)] });
    }
    const [waiting, figures, ...others] = framesOver(path);
    expect(waiting).toContain("Reading the store");
    expect(figures).toMatch(/someone .* 100% +1 task .* 3,700/);
    expect(others).toEqual([]);
  });

  it("says why there are none", () => {
    expect(framesOver(pathOfStore()).at(-1)).toContain("Nothing is stored yet");
  });
});
