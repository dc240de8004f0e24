/** The files of the team's stack, looked at without running them; test/stack runs them. */
import { readdirSync, readFileSync } from "node:fs";
import { CONVENTIONS, METRICS } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { dashboards } from "../scripts/dashboards/index.ts";
import { readBoards } from "./stack/support/boards.ts";

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string;
        readonly build?: { readonly context: string };
        readonly ports?: readonly string[];
        readonly networks?: readonly string[];
        readonly volumes?: readonly string[];
        readonly mem_limit?: string;
        readonly healthcheck?: object;
        readonly environment?: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

describe("the boards", () => {
  const boards = readBoards();

  it("are those of their source, each with a name of its own", () => {
    expect([...boards.keys()].map((name) => `${name}.json`).sort()).toEqual(Object.keys(dashboards()).sort());
    expect(new Set([...boards.values()].map(({ uid }) => uid)).size).toBe(boards.size);
  });

  it.each([...boards])("%s has at least six panels, each with a question, a unit and data", (_, { panels }) => {
    expect(panels.length).toBeGreaterThanOrEqual(6);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    expect(panels.map(({ id }) => id)).toEqual(panels.map((_, i) => i + 1));
    for (const { title, description, fieldConfig, targets } of panels) {
      expect(description, title).toMatch(/^[A-Z][^.]*\?/);
      expect(fieldConfig.defaults.unit, title).toBeTruthy();
      expect(targets.length, title).toBeGreaterThan(0);
    }
  });

  it.each([...boards])("%s has panels that lie beside each other", (_, { panels }) => {
    for (const [i, { title, gridPos: a }] of panels.entries()) {
      expect(a.x + a.w, title).toBeLessThanOrEqual(24);
      for (const { gridPos: b } of panels.slice(i + 1)) {
        expect(a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h, title).toBe(false);
      }
    }
  });

  it.each([...boards])("%s leads to the others and keeps what is chosen", (_, { links, templating }) => {
    expect(links).toEqual([expect.objectContaining({ tags: ["moai-metrics"], includeVars: true, keepTime: true })]);
    const names = templating.list.map(({ name }) => name);
    expect(names).toEqual(["datasource", "period", "product", "project", "agent", "model"]);
  });

  it("ask data sources that provisioning sets up", () => {
    const { datasources } = parse(read("grafana/provisioning/datasources/moai-metrics.yaml")) as {
      readonly datasources: readonly { readonly uid: string; readonly type: string }[];
    };
    const asked = [...boards.values()].flatMap(({ panels }) => panels.map(({ datasource }) => datasource));
    for (const { type, uid } of asked) {
      if (uid === "$" + "{datasource}") expect(datasources.map((each) => each.type)).toContain(type);
      else expect(datasources).toContainEqual(expect.objectContaining({ type, uid }));
    }
  });
});

describe("what documents say of the stack", () => {
  const WORDS = new Map([
    ["seven", 7],
    ["nine", 9],
    ["ten", 10],
    ["eleven", 11],
  ]);
  const alerts = read("prometheus/rules/moai-metrics.yml").match(/^ +- alert:/gm)?.length;

  it.each(["README.md", "docs/team.md"])("%s counts boards and alerts as they are", (name) => {
    const text = read(name);
    const boards = /(\w+)(?: finished)? boards/.exec(text)?.[1]?.toLowerCase() ?? "";
    const told = /(\w+) \[?alerts/i.exec(text)?.[1]?.toLowerCase() ?? "";
    expect([WORDS.get(boards), WORDS.get(told)]).toEqual([readBoards().size, alerts]);
  });
});

describe("docker-compose.yml", () => {
  const compose = parse(read("docker-compose.yml")) as Compose;
  const services = Object.entries(compose.services);

  it.each(services)("runs %s in a pinned version, within a limit of memory, and looks after it", (_, service) => {
    expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    if (service.image.startsWith("prom/prometheus") && service.ports === undefined) return;
    expect(service.healthcheck).toBeDefined();
  });

  it("opens ports to this machine alone, and none of the daemon's", () => {
    for (const [name, { ports = [] }] of services) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    }
    expect(compose.services["daemon"]?.ports).toBeUndefined();
    expect(compose.services["daemon"]?.networks).toEqual(["inside"]);
    expect(compose.networks["inside"]?.internal).toBe(true);
  });

  it("reads transcripts, and writes into volumes that have names", () => {
    const volumes = services.flatMap(([, service]) => service.volumes ?? []);
    for (const volume of volumes.filter((each) => each.includes("/transcripts/"))) expect(volume).toMatch(/:ro$/);
    expect(compose.services["daemon"]?.volumes).toContain("daemon:/var/lib/moai-metrics");
  });

  it("knows no password: they come from .env, which git passes over", () => {
    expect(read("docker-compose.yml")).not.toMatch(/password: *[^/\s]/i);
    expect(read(".gitignore")).toMatch(/^\.env$/m);
    expect(compose.services["otel-collector"]?.environment?.["MOAI_METRICS_TOKEN"]).toMatch(/:\?/);
  });

  it("names the daemon as the daemon's own configuration allows, and the same Collector that is built", () => {
    const { metrics } = JSON.parse(read("docker/config.json")) as { readonly metrics: { readonly receiver: object } };
    expect(metrics.receiver).toEqual({ host: "0.0.0.0", requireToken: true, hosts: ["daemon"] });
    const { dist } = parse(read("collector/builder.yaml")) as { readonly dist: { readonly version: string } };
    expect(read("collector/Dockerfile")).toContain(`opentelemetry-collector-contrib:${dist.version} `);
    expect(compose.services["otel-collector"]?.image).toBe(`moai-metrics/otel-collector:${dist.version}`);
  });

  it("runs the Node that the repository brings", () => {
    const { devDependencies } = JSON.parse(read("package.json")) as { readonly devDependencies: { node: string } };
    const images = [...read("Dockerfile").matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(new Set(images)).toEqual(new Set([`node:${devDependencies.node}-bookworm-slim`]));
  });
});

describe("otel-collector.yaml", () => {
  const text = read("otel-collector.yaml");
  const config = parse(text) as {
    readonly processors: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
    readonly service: { readonly pipelines: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> };
  };
  const patternsIn = (statements: readonly string[], target: string): RegExp[] =>
    statements
      .filter((statement) => statement.startsWith(`delete_matching_keys(${target}, `))
      .map((statement) => new RegExp(JSON.parse(/"(?:[^"\\]|\\.)*"/.exec(statement)?.[0] ?? '""') as string));

  it("takes contents off everything, by the names that the daemon drops", () => {
    const source = read("packages/receiver/src/otlp/content-attributes.ts");
    const names = [...source.matchAll(/^ {2}"([^"]+)",$/gm)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(70);
    const more = ["gen_ai.prompt.0.content", "llm.prompts.1", "http.request.header.cookie", "user.email", "enduser.id"];
    const { processors } = config;
    const {
      metric_statements = [],
      log_statements = [],
      trace_statements = [],
    } = processors["transform/contents"] ?? {};
    for (const [statements, targets] of [
      [metric_statements, ["resource.attributes", "datapoint.attributes"]],
      [log_statements, ["resource.attributes", "log.attributes"]],
      [trace_statements, ["resource.attributes", "span.attributes", "spanevent.attributes"]],
    ] as const) {
      for (const target of targets) {
        const patterns = patternsIn(statements, target);
        for (const name of [...names, ...more])
          expect(
            patterns.some((each) => each.test(name)),
            name,
          ).toBe(true);
        for (const name of ["model", "gen_ai.usage.input_tokens", "input_tokens", "event.name", "error.type"]) {
          expect(
            patterns.some((each) => each.test(name)),
            name,
          ).toBe(false);
        }
      }
    }
    for (const [name, { processors: steps = [] }] of Object.entries(config.service.pipelines)) {
      expect(steps, name).toContain("transform/contents");
      expect(steps[0], name).toBe("memory_limiter");
    }
  });

  it("takes ids off metrics", () => {
    for (const name of ["transform/ids", "transform/ids_for_daemon"]) {
      const statements = config.processors[name]?.["metric_statements"] ?? [];
      for (const target of ["resource.attributes", "datapoint.attributes"]) {
        const [pattern] = patternsIn(statements, target);
        for (const id of ["session.id", "gen_ai.conversation.id", "prompt_id", "user.account_uuid", "id"]) {
          expect(pattern?.test(id), id).toBe(true);
        }
        for (const other of ["model", "team", "gen_ai.provider.name", "void"]) expect(pattern?.test(other)).toBe(false);
      }
    }
  });

  it("keeps the catalogue's metrics from Prometheus, under their names of all generations", () => {
    const { metrics } = config.processors["filter/catalogue"] as unknown as {
      readonly metrics: { readonly metric: readonly string[] };
    };
    const pattern = new RegExp(JSON.parse(/"(?:[^"\\]|\\.)*"/.exec(metrics.metric[0] ?? "")?.[0] ?? '""') as string);
    for (const { key } of Object.values(METRICS)) {
      for (const name of Object.values(CONVENTIONS[key].names)) expect(name).toMatch(pattern);
    }
    for (const other of ["claude_code.token.usage", "gen_ai.server.request.duration", "http.server.duration"]) {
      expect(other).not.toMatch(pattern);
    }
  });

  it("names parts that it is built from, and no others are built", () => {
    const { receivers, processors, exporters, extensions } = parse(text) as Readonly<Record<string, object>>;
    const used = new Set(
      [receivers, processors, exporters, extensions]
        .flatMap((each) => Object.keys(each ?? {}))
        .map((name) => (name.split("/")[0] ?? "").replaceAll("_", "")),
    );
    const built = [...read("collector/builder.yaml").matchAll(/\/(\w+?)(?:receiver|processor|exporter|extension)? v/g)]
      .map(([, name = ""]) => name)
      .filter((name) => !name.endsWith("provider"));
    expect(built.sort()).toEqual([...used].sort());
  });
});

it("the repository has tests of Prometheus' rules", () => {
  const rules = parse(read("prometheus/rules/moai-metrics.yml")) as {
    readonly groups: readonly { readonly rules: readonly { readonly alert?: string; readonly record?: string }[] }[];
  };
  const tests = readdirSync(new URL("../prometheus/tests", import.meta.url)).map((name) =>
    read(`prometheus/tests/${name}`),
  );
  for (const { alert, record } of rules.groups.flatMap((group) => group.rules)) {
    expect(tests.join("\n")).toContain(alert ?? record);
  }
});
