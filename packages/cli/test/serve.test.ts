import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { homeWithTranscripts, runBinary, temporaryHome } from "./support/run-binary.ts";
import { getFrom, startServe } from "./support/start-serve.ts";

describe("serve", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("listens and takes transcripts in, until %s", async (signal) => {
    const home = homeWithTranscripts();
    const { child, port, output, ended } = await startServe(home, ["--port", "0", "--verbose"]);
    expect(JSON.parse((await getFrom(port, "/healthz")).text)).toEqual({ status: "ok", pid: child.pid });
    expect((await getFrom(port, "/metrics")).text).toContain("moai_receiver_queue_requests 0");
    while (!output().includes("Took in")) await new Promise((resolve) => setTimeout(resolve, 25));
    const second = runBinary(home, ["serve"]);
    expect(second).toEqual({
      stdout: "",
      stderr: expect.stringContaining(`Process ${child.pid} receives already`),
      exitCode: 1,
    });
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(output()).toContain("Stopped. Everything that was accepted is stored.");
    expect(JSON.parse(runBinary(home, ["session", "--json"]).stdout).session).toHaveLength(1);
  });

  it("says what to do when the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const home = temporaryHome();
    const isTaken = {
      stdout: "",
      stderr: `error: Port ${port} of 127.0.0.1 is in use, perhaps by an OpenTelemetry Collector. Choose another one: --port 4319.\n`,
      exitCode: 1,
    };
    expect(runBinary(home, ["serve", "--port", String(port)])).toEqual(isTaken);
    mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
    const config = { metrics: { receiver: { port } } };
    writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify(config));
    expect(runBinary(home, ["serve"])).toEqual(isTaken);
  });

  it("refuses what makes no sense, with a remedy", () => {
    const home = temporaryHome();
    const serveWith = (flags: readonly string[], variables: Record<string, string> = {}) => {
      const { stderr, exitCode } = runBinary(home, ["serve", ...flags], variables);
      return [exitCode, stderr.trim()];
    };
    expect(serveWith(["--port", "x"])).toEqual([2, 'error: --port is "x"; give a number from 0 to 65535.']);
    expect(serveWith(["--port", "70000"])[0]).toBe(2);
    expect(serveWith(["--host", "0.0.0.0", "--port", "0"])).toEqual([
      1,
      expect.stringContaining("receiver.requireToken"),
    ]);
    expect(serveWith(["--host", "203.0.113.7", "--port", "0"])[0]).toBe(1);
    expect(serveWith([], { MOAI_METRICS_DISABLED: "1" })).toEqual([1, expect.stringContaining("nothing to serve")]);
    mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
    writeFileSync(join(home, ".config", "moai-metrics", "config.json"), '{"metrics":{"enabled":false}}');
    expect(serveWith([])).toEqual([1, expect.stringContaining("The setting enabled is off")]);
    const config = {
      metrics: { receiver: { host: "203.0.113.7", hosts: ["metrics.lan"], requireToken: true, port: 0 } },
    };
    writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify(config));
    expect(serveWith([])).toEqual([1, expect.stringContaining("EADDRNOTAVAIL")]);
  });
});
