/** Reports as HTML in a real browser: nothing leaves the page, nothing breaks, small screens and paper have room. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createZoneCalendar, type Fact } from "@moai-metrics/model";
import { periodPage, renderHtml } from "@moai-metrics/report/pages";
import { createPriceBook } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkload, WORKLOAD_END_MILLIS } from "../../bench/lib/workload.ts";
import { type Browser, startBrowser } from "./browser.ts";
import { findRealPart } from "./parts.ts";

const chromium = findRealPart("chromium");
const COMMAND = fileURLToPath(new URL("../../packages/cli/bin/moai-metrics.js", import.meta.url));
const LAST_DAY = new Date(WORKLOAD_END_MILLIS - 86_400_000).toISOString().slice(0, 10);
const PERIODS = ["daily", "weekly", "monthly"].map((name) => [name, "--date", LAST_DAY, "--compare"]);
const REPORTS = [
  ...PERIODS,
  ["agents"],
  ["sessions", "--last", "40"],
  ["tasks", "--last", "40"],
  ["models"],
  ["tools"],
  ["projects"],
];

/** Names that try to get out of their cell. */
const HOSTILE = [
  '<img src="https://outside.example/x.png" onerror="fetch(\'https://outside.example\')">',
  "<script>throw new Error('ran')</script>",
  "</style><link rel=stylesheet href=https://outside.example/x.css>",
  '"><svg onload=alert(1)>',
  "x".repeat(400),
  "\u202egnp.exe",
];

describe.skipIf(chromium === undefined)("an HTML report in Chromium", () => {
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "html-")));
    browser = await startBrowser(chromium ?? "");
    const store = openStore({ path: join(folder, "metrics.db") });
    const facts = [...createWorkload({ tasks: 2_000, ids: "request" }).inOrderOfTime()];
    store.write({ facts });
    store.close();
    for (const [name = "", ...flags] of REPORTS) {
      const { stderr, status } = spawnSync(
        process.execPath,
        [COMMAND, "report", name, ...flags, "--format", "html", "--out", join(folder, `${name}.html`)],
        { encoding: "utf8", env: { HOME: folder, TZ: "UTC", MOAI_METRICS_STORAGE: folder, PATH: process.env["PATH"] } },
      );
      expect([status, stderr]).toEqual([0, expect.stringMatching(/^Written to /)]);
    }
    const page = periodPage(storeWithHostileNames(), {
      unit: "day",
      date: "2026-11-22",
      calendar: createZoneCalendar("UTC"),
      comparedBy: createPriceBook(),
    });
    writeFileSync(join(folder, "hostile.html"), renderHtml(page));
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const names = [...REPORTS.map(([name = ""]) => name), "hostile"];

  it.each(names)("%s asks for nothing, complains of nothing, and fits screens of 360 and 1200 pixels", async (name) => {
    for (const width of [360, 1200]) {
      const { requests, complaints, scrollWidth, overflowing, text } = await browser.look(
        join(folder, `${name}.html`),
        { width },
      );
      expect([requests, complaints, overflowing]).toEqual([[], [], []]);
      expect(scrollWidth).toBeLessThanOrEqual(width);
      expect(text.length).toBeGreaterThan(100);
    }
  });

  it.each(names)("%s fits on paper", async (name) => {
    const file = join(folder, `${name}.html`);
    // The width that A4 leaves between the browser's own margins.
    const { overflowing, scrollWidth } = await browser.look(file, { width: 718, isPrinted: true });
    expect(overflowing).toEqual([]);
    expect(scrollWidth).toBeLessThanOrEqual(718);
    const pdf = await browser.print(file);
    expect(pdf.subarray(0, 5).toString("latin1")).toBe("%PDF-");
    expect(pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length).toBeGreaterThanOrEqual(1);
  });

  it("is dark where the reader wants it dark", async () => {
    const file = join(folder, "weekly.html");
    const [light, dark] = [
      await browser.look(file, { width: 1200 }),
      await browser.look(file, { width: 1200, isDark: true }),
    ];
    expect(light.background).toBe("rgb(255, 255, 255)");
    expect(dark.background).not.toBe(light.background);
  });

  it("shows the figures of the JSON document", async () => {
    const { text } = await browser.look(join(folder, "agents.html"), { width: 1200 });
    const { stdout } = spawnSync(process.execPath, [COMMAND, "agent", "--json"], {
      encoding: "utf8",
      env: { HOME: folder, TZ: "UTC", MOAI_METRICS_STORAGE: folder, PATH: process.env["PATH"] },
    });
    for (const { agent, tasksCompleted } of JSON.parse(stdout).agent) {
      expect(text).toMatch(new RegExp(`^${agent}\\t${tasksCompleted}\\t`, "m"));
    }
    expect(readFileSync(join(folder, "agents.html"), "utf8")).not.toContain("<script");
  });

  function storeWithHostileNames() {
    const store = openStore({ path: join(folder, "hostile", "metrics.db") });
    const atMillis = Date.UTC(2026, 10, 22, 12);
    const usage = { input: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 5, reasoning: 0 };
    const facts = HOSTILE.flatMap((name, i): Fact[] => {
      const base = { witness: "transcript", product: name, sessionId: `s${i}` } as const;
      return [
        { ...base, kind: "session", project: `/p/${name}`, activity: [{ startMillis: atMillis, endMillis: atMillis }] },
        {
          ...base,
          kind: "task",
          taskId: name,
          agent: name,
          startedAtMillis: atMillis - 1_000,
          outcome: { result: "success", origin: "reported", atMillis },
        },
        { ...base, kind: "model_call", taskId: name, requestId: `r${i}`, endedAtMillis: atMillis, model: name, usage },
      ];
    });
    store.write({ facts });
    return store;
  }
});
