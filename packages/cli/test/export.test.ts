/** The command `export`, from recorded transcripts to files. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createCliContext } from "../src/create-context.ts";
import { readEnvironment } from "../src/environment.ts";
import { homeWithTranscripts, runBinary, temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

const BINARY = fileURLToPath(new URL("../bin/moai-metrics.js", import.meta.url));

describe("export", () => {
  it("writes nested JSON to standard output when nothing is named", async () => {
    const { stdout, exitCode } = await runHere(homeWithTranscripts(), ["export"]);
    expect(exitCode).toBe(0);
    const { sessions, totals } = JSON.parse(stdout) as { sessions: { tasks: unknown[] }[]; totals: unknown };
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.tasks).toHaveLength(2);
    expect(totals).toMatchObject({ totalTokens: 17_115, calls: 7, toolCalls: 5, totalCost: 0.06636 });
  });

  it.each([
    ["json", "application", '{\n  "exportedAt"'],
    ["prometheus", "text", "# HELP gen_ai_client_inference_"],
    ["openmetrics", "text", "# TYPE gen_ai_client_inference_"],
    ["grafana", "application", '[\n{"target":"'],
  ])("writes %s whole into a file, compressed where its name says so", async (format, _, beginning) => {
    const home = homeWithTranscripts();
    const { stdout, stderr, exitCode } = await runHere(home, ["export", "-f", format, "--out", "deep/out.gz"]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
    expect(stderr).toContain(`Written to ${join(home, "deep", "out.gz")}`);
    expect(gunzipSync(readFileSync(join(home, "deep", "out.gz"))).toString()).toMatch(beginning);
    expect(readdirSync(join(home, "deep"))).toEqual(["out.gz"]);
    expect(statSync(join(home, "deep", "out.gz")).mode & 0o777).toBe(0o600);
  });

  it("compresses standard output with --gzip, byte by byte", async () => {
    const child = spawn(process.execPath, [BINARY, "export", "--gzip"], {
      env: { PATH: process.env["PATH"], HOME: homeWithTranscripts(), TZ: "UTC" },
    });
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
    expect(JSON.parse(gunzipSync(Buffer.concat(chunks)).toString())).toMatchObject({ totals: { totalTokens: 17_115 } });
  });

  it("writes one CSV to standard output and several into a folder", async () => {
    const home = homeWithTranscripts();
    const one = await runHere(home, ["export", "--format", "csv", "--kind", "tasks"]);
    expect(one.stdout.split("\r\n")).toHaveLength(1 + 2 + 1);
    expect(one.stdout).toMatch(/^\ufefftaskId,sessionId,/);
    await runHere(home, ["export", "--format", "csv", "--out", "tables"]);
    expect(readdirSync(join(home, "tables")).sort()).toEqual(["calls.csv", "sessions.csv", "tasks.csv", "tools.csv"]);
    expect(readFileSync(join(home, "tables", "tasks.csv"), "utf8")).toBe(one.stdout);
    await runHere(home, ["export", "--format", "csv", "--kind", "calls,tools", "--gzip", "--out", "packed"]);
    expect(readdirSync(join(home, "packed")).sort()).toEqual(["calls.csv.gz", "tools.csv.gz"]);
  });

  it("takes its format from the settings, and leaves out what they hide", async () => {
    const home = homeWithTranscripts();
    const metrics = { reporting: { export_format: "csv" }, tasks: { track_duration: false } };
    mkdirSync(join(home, ".moai", "metrics"), { recursive: true });
    writeFileSync(join(home, ".moai", "metrics", "config.json"), JSON.stringify({ metrics }));
    const { stdout } = await runHere(home, ["export", "--kind", "tasks"]);
    expect(stdout).toContain("totalTokens");
    expect(stdout).not.toContain("durationMs");
  });

  it("takes the flags of range and filter", async () => {
    const home = homeWithTranscripts();
    const totalsOf = async (...flags: string[]) =>
      (JSON.parse((await runHere(home, ["export", ...flags])).stdout) as { totals: unknown }).totals;
    expect(await totalsOf("--agent", "expert-backend")).toMatchObject({ calls: 5, totalTokens: 12_225 });
    expect(await totalsOf("--until", "2026-11-21")).toMatchObject({ calls: 0, sessions: 0 });
  });

  it.each([
    [["--format", "csv"], "Name one, such as --kind tasks, or a folder for all: --out FOLDER."],
    [["--format", "csv", "--out", "a.csv"], "looks like a file, and 4 tables need a folder"],
    [["--kind", "tasks"], "--kind chooses tables of csv; json holds everything"],
    [["--step", "day"], "--step belongs to openmetrics and grafana; json has no steps"],
    [["--format", "csv", "--kind", "agents"], "Write one or more of sessions, tasks, calls, tools."],
    [["--format", "xml"], "Allowed choices are json, csv, prometheus, openmetrics, grafana."],
  ])("refuses %j and says what to type", async (flags, message) => {
    const { stdout, stderr, exitCode } = await runHere(homeWithTranscripts(), ["export", ...flags]);
    expect(stderr).toContain(message);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  });

  it("replaces a file and keeps its mode, or leaves it as it was", async () => {
    const home = homeWithTranscripts();
    writeFileSync(join(home, "old.json"), "old", { mode: 0o644 });
    await runHere(home, ["export", "--out", "old.json"]);
    expect(readFileSync(join(home, "old.json"), "utf8")).toContain('"sessions"');
    expect(statSync(join(home, "old.json")).mode & 0o777).toBe(0o644);
    mkdirSync(join(home, "folder"));
    const failed = await runHere(home, ["export", "--out", "folder"]);
    expect(failed.stderr).toContain(`error: ${join(home, "folder")} cannot be written: `);
    expect(failed.exitCode).toBe(1);
    expect(readdirSync(home).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(existsSync(join(home, "folder"))).toBe(true);
  });

  it("ends quietly when its reader goes", async () => {
    const home = temporaryHome();
    const child = spawn(
      "bash",
      ["-c", `"${process.execPath}" "${BINARY}" demo export | head -c 100; echo " \${PIPESTATUS[0]}"`],
      {
        env: { PATH: process.env["PATH"], HOME: home, TZ: "UTC" },
      },
    );
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    await new Promise((resolve) => child.on("close", resolve));
    expect(stdout).toMatch(/^\{\n {2}"exportedAt"[\s\S]{80,} 0\n$/);
    expect(stderr).toMatch(/^SIMULATED DATA: .*\n$/);
  });

  it("is the same from the binary, and labels invented data on standard error only", () => {
    const { stdout, stderr, exitCode } = runBinary(temporaryHome(), ["demo", "export", "--format", "prometheus"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^# HELP /);
    expect(stderr).toMatch(/^SIMULATED DATA/);
  });
});

describe("writing in pieces", () => {
  it("waits for a reader that is slower", async () => {
    const written: unknown[] = [];
    let drain: (() => void) | undefined;
    const stdout = {
      write: (piece: unknown) => written.push(piece) > 100,
      once: (_: "drain", listener: () => void) => {
        drain = listener;
      },
    };
    const view = { env: { HOME: "/nowhere" }, cwd: () => "/", stdout: {}, stderr: {} };
    const { writeAll } = createCliContext(readEnvironment(view), { stdout, stderr: stdout });
    async function* pieces(): AsyncGenerator<string> {
      yield* ["a", "b"];
    }
    const done = writeAll(pieces());
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toEqual(["a"]);
    drain?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toEqual(["a", "b"]);
    drain?.();
    await done;
  });
});
