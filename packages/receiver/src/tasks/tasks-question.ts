/** What the address of `GET /v1/tasks` asks for. Pure. */
import { TASK_KINDS, TASK_RESULTS } from "@moai-metrics/model";
import type { MetricsQuery } from "@moai-metrics/store";

/** A question to the store. */
type TasksQuestion = Parameters<MetricsQuery["getTasks"]>[0];

/** A question, or what is wrong with it and what to write instead. */
export type AskedTasks =
  | { readonly state: "asked"; readonly question: TasksQuestion }
  | { readonly state: "wrong"; readonly message: string };

const DEFAULT_LIMIT = 100;
/** Rows of one answer: some hundred kilobytes. */
const MAX_LIMIT = 1000;
const LAST_MILLIS = 8_640_000_000_000_000;

/** Parameters that choose, and the filter that each of them is. They may be given several times. */
const FILTERS = {
  product: "products",
  project: "projects",
  agent: "agents",
  model: "models",
  session: "sessionIds",
  kind: "kinds",
  result: "results",
} as const;
const KNOWN = [...Object.keys(FILTERS), "from", "to", "limit", "cursor"];
const CHOICES: Readonly<Record<string, readonly string[]>> = { kind: TASK_KINDS, result: [...TASK_RESULTS, "open"] };

/** Grafana writes a dashboard's variables as `var-NAME=VALUE`, and everything as one of these. */
const GRAFANA_PREFIX = /^var-/;
const GRAFANA_ALL: ReadonlySet<string> = new Set(["$__all", "All"]);

/** @param query what stands behind the `?`. */
export function askTasks(query: string): AskedTasks {
  const given = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(query)) {
    const name = key.replace(GRAFANA_PREFIX, "");
    if (!KNOWN.includes(name)) return wrong(`There is no parameter ${JSON.stringify(key)}. Use ${KNOWN.join(", ")}.`);
    if (key !== name && GRAFANA_ALL.has(value)) continue;
    const wanted = CHOICES[name];
    if (wanted !== undefined && !wanted.includes(value)) return wrong(`${name} is one of ${wanted.join(", ")}.`);
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  const [limit, from, to] = [
    numberOf(given, "limit", DEFAULT_LIMIT),
    numberOf(given, "from", 0),
    numberOf(given, "to", LAST_MILLIS),
  ];
  if (!(limit >= 1 && limit <= MAX_LIMIT)) return wrong(`limit is a whole number from 1 to ${MAX_LIMIT}.`);
  if (!(from <= to && to <= LAST_MILLIS)) {
    return wrong("from and to are milliseconds since 1970, from not later than to.");
  }
  const filter = Object.fromEntries(
    Object.entries(FILTERS).flatMap(([name, field]) => (given.has(name) ? [[field, given.get(name)]] : [])),
  ) as Partial<TasksQuestion>;
  const cursor = given.get("cursor")?.[0];
  return {
    state: "asked",
    question: {
      ...filter,
      ...((given.has("from") || given.has("to")) && { range: { startMillis: from, endMillis: to } }),
      limit,
      ...(cursor !== undefined && { cursor }),
    },
  };
}

/** The one value of a parameter; NaN for anything but one whole number from 0. */
function numberOf(given: ReadonlyMap<string, readonly string[]>, name: string, standard: number): number {
  const texts = given.get(name);
  if (texts === undefined) return standard;
  return texts.length === 1 && /^\d{1,16}$/.test(texts[0] ?? "") ? Number(texts[0]) : Number.NaN;
}

function wrong(message: string): AskedTasks {
  return { state: "wrong", message };
}
