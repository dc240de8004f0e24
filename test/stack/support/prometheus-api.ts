/** Questions to a Prometheus-compatible server. */
import type { SampledSeries } from "./scrapes.ts";

/** A series of an answer. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** One of an instant; in order of time of a range. */
  readonly values: readonly number[];
}

interface Reply {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

/** What an expression is now, or at a moment. */
export function askInstant(url: string, query: string, atSeconds?: number): Promise<readonly Sample[]> {
  return ask(url, "query", { query, ...(atSeconds !== undefined && { time: String(atSeconds) }) });
}

/** What an expression was, step by step. */
export function askRange(
  url: string,
  query: string,
  range: { readonly start: number; readonly end: number; readonly step: number },
): Promise<readonly Sample[]> {
  const { start, end, step } = range;
  return ask(url, "query_range", { query, start: String(start), end: String(end), step: String(step) });
}

/** Every sample of some series, as it was stored; up to a moment, or now. */
export async function askSeries(url: string, query: string, atSeconds?: number): Promise<readonly SampledSeries[]> {
  const body = new URLSearchParams({ query, ...(atSeconds !== undefined && { time: String(atSeconds) }) });
  const reply = (await (await fetch(`${url}/api/v1/query`, { method: "POST", body })).json()) as Reply;
  return (reply.data?.result ?? []).map(({ metric, values = [] }) => ({
    labels: metric,
    samples: values.map(([at, text]) => ({ atSeconds: at, value: Number(text) })),
  }));
}

/** Their samples together. */
export async function askRaw(url: string, query: string): Promise<SampledSeries["samples"]> {
  return (await askSeries(url, query)).flatMap(({ samples }) => samples);
}

async function ask(url: string, path: string, form: Readonly<Record<string, string>>): Promise<readonly Sample[]> {
  const answer = await fetch(`${url}/api/v1/${path}`, { method: "POST", body: new URLSearchParams(form) });
  const { status, error, data } = (await answer.json()) as Reply;
  if (status !== "success" || data === undefined) throw new Error(`${form["query"]}: ${error}`);
  return data.result.map(({ metric, value, values }) => ({
    labels: metric,
    values: (values ?? (value === undefined ? [] : [value])).map(([, text]) => Number(text)),
  }));
}
