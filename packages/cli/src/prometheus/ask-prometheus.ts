/** Asks a server that speaks Prometheus' query API: Prometheus, VictoriaMetrics, Mimir, Thanos. */
import { type CounterReading, type CounterSample, usageQuery } from "@moai-metrics/report";
import { CommandError, UsageError } from "../errors.ts";

const TIMEOUT_MILLIS = 30_000;

interface VectorAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly resultType: string; readonly result: readonly VectorSample[] };
}

interface VectorSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/**
 * What all counters of usage stood at, at each moment, one question after the other.
 *
 * @param server its address, with a path before `/api/v1` where there is one.
 * @throws UsageError for what is no address; CommandError when the server cannot be asked.
 */
export async function readCounters(server: string, moments: readonly number[]): Promise<CounterReading[]> {
  const { url, headers } = queryAddress(server);
  const readings: CounterReading[] = [];
  for (const atMillis of moments) {
    url.search = new URLSearchParams({ query: usageQuery(), time: String(atMillis / 1_000) }).toString();
    readings.push({ atMillis, samples: await ask(url, headers) });
  }
  return readings;
}

function queryAddress(server: string): { url: URL; headers: Record<string, string> } {
  const url = URL.parse(server);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--from is "${server}"; give an address such as http://127.0.0.1:9090.`);
  }
  const { username, password } = url;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  url.username = "";
  url.password = "";
  url.pathname = `${url.pathname.replace(/\/$/, "")}/api/v1/query`;
  return {
    url,
    headers: username === "" ? {} : { Authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
  };
}

async function ask(url: URL, headers: Record<string, string>): Promise<CounterSample[]> {
  const place = `${url.origin}${url.pathname}`;
  let answer: VectorAnswer;
  let status: number;
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
    status = response.status;
    answer = (await response.json()) as VectorAnswer;
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    throw new CommandError(
      `${place} does not answer as Prometheus does (${cause?.code ?? (error as Error).message}). ` +
        "Check the address after --from, and that the server runs.",
    );
  }
  if (answer.status !== "success" || answer.data?.resultType !== "vector") {
    throw new CommandError(`${place} refuses the question (${status}): ${answer.error ?? "it gives no reason"}.`);
  }
  return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
