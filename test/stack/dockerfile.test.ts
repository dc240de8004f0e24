/** The daemon's image, without a container engine: its steps run as shell, and what they make runs as it would there. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltStage, runDockerfile } from "./support/dockerfile.ts";
import { freePorts } from "./support/free-port.ts";
import { createPart, type Part } from "./support/part.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TOKEN = "token-of-the-test-with-32-letters";
const hasRegistry = process.env["MOAI_METRICS_REAL_PARTS"] === "required";

// It installs packages, as the packed tests do; on a bare machine that is asked for by name.
describe.skipIf(!hasRegistry)("the daemon's image", () => {
  const folder = mkdtempSync(join(tmpdir(), "image-"));
  let image: BuiltStage;
  let daemon: Part;
  let url: string;
  let environment: Record<string, string>;

  beforeAll(async () => {
    image = runDockerfile(join(ROOT, "Dockerfile"), ROOT, folder);
    const config = join(image.root, "etc/moai-metrics/config.json");
    // In the container it listens on the network of the services.
    writeFileSync(config, readFileSync(config, "utf8").replace("0.0.0.0", "127.0.0.1"));
    writeFileSync(join(folder, "token"), TOKEN);
    const [port = 0] = await freePorts(1);
    url = `http://127.0.0.1:${port}`;
    environment = {
      ...image.environment,
      XDG_CONFIG_HOME: join(image.root, "etc"),
      MOAI_METRICS_TOKEN_FILE: join(folder, "token"),
      MOAI_METRICS_URL: url,
    };
    const [command = "", ...args] = [...image.entrypoint, ...image.command, "--port", String(port)];
    const headers = { Authorization: `Bearer ${TOKEN}`, Host: "daemon" };
    daemon = createPart({ command, args, environment, readyUrl: `${url}/healthz`, headers });
    await daemon.start();
  }, 600_000);
  afterAll(async () => {
    await daemon?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs the daemon, with the token that it was given", async () => {
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    const answer = await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } });
    expect(await answer.text()).toContain("moai_exposition_readable 1");
  });

  it("knows by its own means whether the daemon is well", async () => {
    const healthy = () =>
      spawnSync(process.execPath, [join(image.root, "app/healthy.mjs")], { env: environment, timeout: 20_000 }).status;
    expect(healthy()).toBe(0);
    await daemon.stop();
    expect(healthy()).toBe(1);
  });

  it("exports the history that is filled into Prometheus", () => {
    const [command = "", ...args] = image.entrypoint;
    const history = join(folder, "history.txt");
    const run = (...argv: readonly string[]) =>
      spawnSync(command, [...args, ...argv], { env: { PATH: process.env["PATH"], ...environment }, encoding: "utf8" });
    expect(run("import", "--path", join(ROOT, "packages/agents/test/fixtures/claude-code"))).toMatchObject({
      status: 0,
    });
    expect(run("export", "--format", "openmetrics", "--until", "1d", "--out", history)).toMatchObject({ status: 0 });
    expect(readFileSync(history, "utf8")).toMatch(/moai_task_count_total\{.*\} \d/);
  });
});
