/** The team's stack on loopback: the very files of the repository, with addresses, paths and intervals replaced. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databasePath } from "@moai-metrics/settings";
import { openStore, type Store } from "@moai-metrics/store";
import { freePorts } from "./free-port.ts";
import { createPart, type Part } from "./part.ts";

const ROOT = join(import.meta.dirname, "../../..");
const TOKEN = "stack-test-token-of-32-characters";
/** Of the month. */
export const BUDGET = { name: "Everything", usd: 50, tokens: 10_000_000 } as const;
/** A second between scrapes instead of fifteen, so that tests need not wait. */
const SCRAPE_SECONDS = 1;

/** The programs. */
export interface StackPrograms {
  readonly collector: string;
  readonly prometheus: string;
  readonly victoria: string;
}

/** The stack. */
export interface Stack {
  readonly daemon: Part;
  readonly collector: Part;
  readonly prometheus: Part;
  readonly storage: string;
  /** Where Prometheus keeps its samples. */
  readonly prometheusFolder: string;
  /** Where agents send. */
  readonly otlpUrl: string;
  readonly prometheusUrl: string;
  /** VictoriaMetrics, which reads the same as a second scraper. */
  readonly victoriaUrl: string;
  readonly daemonUrl: string;
  readonly authorization: Readonly<Record<string, string>>;
  /** What SQLite says. */
  read<T>(question: (store: Store) => T): T;
  /** Asks the command line, beside the running daemon. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts everything. */
export async function startStack({ collector, prometheus, victoria }: StackPrograms): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), "stack-"));
  const [grpc = 0, http = 0, health = 0, shown = 0, own = 0, daemonPort = 0, prometheusPort = 0, victoriaPort = 0] =
    await freePorts(8);
  const at = (port: number): string => `127.0.0.1:${port}`;
  const storage = join(folder, "storage");
  mkdirSync(storage, { mode: 0o700 });
  writeFileSync(join(folder, "token"), TOKEN);
  writeFileSync(join(storage, "receiver-token"), TOKEN, { mode: 0o600 });

  mkdirSync(join(folder, "config/moai-metrics"), { recursive: true });
  const config = replaced("docker/config.json", [["0.0.0.0", "127.0.0.1"]]);
  const { metrics } = JSON.parse(config) as { metrics: object };
  // What is off in a new installation, so that its boards have data.
  const quality = { test_coverage: true, lint_scores: true };
  const budgets = [{ name: BUDGET.name, per: "month", max_usd: BUDGET.usd, max_tokens: BUDGET.tokens }];
  const settings = JSON.stringify({ metrics: { ...metrics, quality, budgets } });
  writeFileSync(join(folder, "config/moai-metrics/config.json"), settings);

  const collectorFile = join(folder, "otel-collector.yaml");
  writeFileSync(
    collectorFile,
    replaced("otel-collector.yaml", [
      ["0.0.0.0:4317", at(grpc)],
      ["0.0.0.0:4318", at(http)],
      ["0.0.0.0:13133", at(health)],
      ["0.0.0.0:8889", at(shown)],
      ["host: 0.0.0.0", "host: 127.0.0.1"],
      ["port: 8888", `port: ${own}`],
      ["http://daemon:4318", `http://${at(daemonPort)}`],
      ["/var/lib/otelcol", join(folder, "queue")],
    ]),
  );

  const prometheusFile = join(folder, "prometheus.yml");
  const prometheusFolder = join(folder, "prometheus");
  cpSync(join(ROOT, "prometheus/rules"), join(folder, "rules"), { recursive: true });
  writeFileSync(
    prometheusFile,
    replaced("prometheus/prometheus.yml", [
      ["daemon:4318", at(daemonPort)],
      ["otel-collector:8888", at(own)],
      ["otel-collector:8889", at(shown)],
      ["/run/secrets/moai_metrics_token", join(folder, "token")],
      ["scrape_interval: 15s", `scrape_interval: ${SCRAPE_SECONDS}s`],
    ]),
  );

  const victoriaFile = join(folder, "victoria.yml");
  const second = readFileSync(prometheusFile, "utf8").replace(
    "job_name: moai-metrics",
    "$&\n    params: { reader: [v] }",
  );
  writeFileSync(victoriaFile, second);

  const authorization = { Authorization: `Bearer ${TOKEN}` };
  const environment = {
    HOME: join(folder, "home"),
    XDG_CONFIG_HOME: join(folder, "config"),
    MOAI_METRICS_STORAGE: storage,
    TZ: "UTC",
  };
  const parts = {
    daemon: createPart({
      command: process.execPath,
      args: [join(ROOT, "packages/cli/bin/moai-metrics.js"), "serve", "--port", String(daemonPort)],
      environment,
      readyUrl: `http://${at(daemonPort)}/healthz`,
      headers: authorization,
    }),
    collector: createPart({
      command: collector,
      args: ["--config", collectorFile],
      environment: { MOAI_METRICS_TOKEN: TOKEN },
      readyUrl: `http://${at(health)}/`,
    }),
    prometheus: createPart({
      command: prometheus,
      args: [
        `--config.file=${prometheusFile}`,
        `--storage.tsdb.path=${prometheusFolder}`,
        `--web.listen-address=${at(prometheusPort)}`,
      ],
      readyUrl: `http://${at(prometheusPort)}/-/ready`,
    }),
    victoria: createPart({
      command: victoria,
      args: [
        `-promscrape.config=${victoriaFile}`,
        "-promscrape.config.strictParse=false",
        `-storageDataPath=${join(folder, "victoria")}`,
        `-httpListenAddr=${at(victoriaPort)}`,
        // What was read a moment ago is answered, too.
        "-search.latencyOffset=0s",
      ],
      readyUrl: `http://${at(victoriaPort)}/health`,
    }),
  };
  let store: Store | undefined;
  const stop = async (): Promise<void> => {
    store?.close();
    await Promise.all(Object.values(parts).map((part) => part.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await parts.daemon.start();
    await Promise.all([parts.collector.start(), parts.prometheus.start(), parts.victoria.start()]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...parts,
    storage,
    prometheusFolder,
    otlpUrl: `http://${at(http)}`,
    prometheusUrl: `http://${at(prometheusPort)}`,
    victoriaUrl: `http://${at(victoriaPort)}`,
    daemonUrl: `http://${at(daemonPort)}`,
    authorization,
    environment,
    read: (question) => {
      store ??= openStore({ path: databasePath(storage), readOnly: true });
      return question(store);
    },
    stop,
  };
}

/** A file of the repository with some text replaced; each must be there. */
function replaced(name: string, pairs: readonly (readonly [string, string])[]): string {
  let text = readFileSync(join(ROOT, name), "utf8");
  for (const [from, to] of pairs) {
    if (!text.includes(from)) throw new Error(`${name} no longer has ${from}.`);
    text = text.replaceAll(from, to);
  }
  return text;
}
