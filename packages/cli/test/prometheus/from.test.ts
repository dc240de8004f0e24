import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryHome } from "../support/run-binary.ts";
import { runHere } from "../support/run-here.ts";

interface Asked {
  readonly path: string;
  readonly time: number;
  readonly authorization: string | undefined;
}

/** A server whose counters grow by one in a day, or that answers something else. */
async function startServer(reply?: { readonly status: number; readonly body: string }) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://x");
    const time = Number(url.searchParams.get("time"));
    asked.push({ path: url.pathname, time, authorization: request.headers.authorization });
    const value = String(Math.floor(time / 86_400));
    const metric = { __name__: "moai_task_count_total", gen_ai_agent_name: "main", moai_task_result: "success" };
    const data = { resultType: "vector", result: [{ metric, value: [time, value] }] };
    response
      .writeHead(reply?.status ?? 200, { "Content-Type": "application/json" })
      .end(reply?.body ?? JSON.stringify({ status: "success", data }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { asked, port: (server.address() as AddressInfo).port };
}

describe("--from", () => {
  it("answers by day, agent and as a report from the server, and touches no store", async () => {
    const { asked, port } = await startServer();
    const home = temporaryHome();
    const from = ["--from", `http://user:p%40ss@127.0.0.1:${port}/prometheus`];
    const days = await runHere(home, ["daily", ...from, "--since", "2026-11-20", "--until", "2026-11-22", "--json"]);
    const { daily, totals } = JSON.parse(days.stdout);
    expect(daily.map((row: { date: string; tasksCompleted: number }) => [row.date, row.tasksCompleted])).toEqual([
      ["2026-11-20", 1],
      ["2026-11-21", 1],
      ["2026-11-22", 1],
    ]);
    expect(totals.tasksCompleted).toBe(3);
    expect(asked.map(({ time }) => time / 86_400)).toEqual(
      [20, 21, 22, 23].map((day) => Date.UTC(2026, 10, day) / 86_400_000),
    );
    expect(new Set(asked.map(({ path }) => path))).toEqual(new Set(["/prometheus/api/v1/query"]));
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from("user:p@ss").toString("base64")}`);
    const table = await runHere(home, ["agent", ...from, "--last", "2"]);
    expect(table.stdout).toMatch(/main .*\b2\b/);
    expect(table.stdout.replaceAll("\n", " ")).toContain("known to the ledger alone");
    const report = await runHere(home, ["report", "agents", ...from, "--format", "json"]);
    expect(JSON.parse(report.stdout).agent_metrics.main).toMatchObject({ tasks_completed: 30, success_rate: 1 });
    expect((await runHere(home, ["agent", ...from, "--agent", "nobody"])).stderr).toContain(
      'No agent matches "nobody"',
    );
  });

  it("answers period reports: what Prometheus does not know is null or left out, and --compare is refused", async () => {
    const { asked, port } = await startServer();
    const home = temporaryHome();
    const from = ["--from", `http://127.0.0.1:${port}`];
    const weekly = await runHere(home, ["report", "weekly", "--date", "2026-11-18", ...from, "--format", "json"]);
    const { weekly_report: report } = JSON.parse(weekly.stdout);
    expect(report.summary).toMatchObject({ sessions: null, total_duration_hours: null, tasks_completed: 7 });
    expect(report.by_day).toHaveLength(7);
    expect(report.by_day[0]).toMatchObject({ date: "2026-11-16", sessions: null, tasks_completed: 1 });
    expect(report.trends.success_rate_change).toBe("0%");
    expect(asked.map(({ time }) => new Date(time * 1000).getUTCDate())).toEqual([9, 16, 17, 18, 19, 20, 21, 22, 23]);
    const page = await runHere(home, ["report", "weekly", "--date", "2026-11-18", ...from, "--format", "md"]);
    expect(page.stdout).toContain("Tasks completed");
    expect(page.stdout).toContain("When was the work done?");
    expect(page.stdout).not.toContain("Sessions |");
    expect(page.stdout.replaceAll("\n", " ")).toContain("known to the ledger alone");
    const rows = await runHere(home, ["report", "daily", "--date", "2026-11-18", ...from, "--format", "csv"]);
    expect(rows.stdout).toMatch(/^agent,[\s\S]*\nmain,1,/);
    const day = await runHere(home, ["report", "daily", ...from]);
    expect(day.stdout).toContain("Daily report");
    const compared = await runHere(home, ["report", "daily", ...from, "--compare"]);
    expect([compared.exitCode, compared.stderr]).toEqual([2, expect.stringContaining("--compare asks for the prices")]);
  });

  it.each([
    ["an address that is none", "nowhere", undefined, 2, '--from is "nowhere"; give an address'],
    ["another server", undefined, { status: 200, body: "<html>" }, 1, "does not answer as Prometheus does"],
    [
      "a refusal",
      undefined,
      { status: 422, body: '{"status":"error","error":"no"}' },
      1,
      "refuses the question (422): no.",
    ],
    ["no server", "http://127.0.0.1:9", undefined, 1, "Check the address after --from"],
  ] as const)("says what is wrong with %s", async (_, address, reply, code, message) => {
    const from = address ?? `http://127.0.0.1:${(await startServer(reply)).port}`;
    const { stderr, exitCode } = await runHere(temporaryHome(), ["daily", "--from", from]);
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(message)]);
  });
});
