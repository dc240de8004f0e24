/** Checks what a file holds and says in plain words what is wrong. Loads zod: only for those who have a file. */
import { z } from "zod";
import type { ConfigProblem } from "./config-error.ts";
import { nearestName } from "./nearest-name.ts";
import { METRICS_SCHEMA, type MetricsBlock } from "./schema.ts";

/** A usable block, or what is wrong with it. */
export type CheckedBlock =
  | { readonly isValid: true; readonly block: MetricsBlock }
  | { readonly isValid: false; readonly problems: readonly ConfigProblem[] };

/** Checks the block `metrics` of a file. */
export function checkBlock(given: unknown): CheckedBlock {
  const parsed = METRICS_SCHEMA.safeParse(given);
  if (parsed.success) {
    const problems = [...orderProblems(parsed.data), ...levelProblems(parsed.data)];
    return problems.length === 0 ? { isValid: true, block: parsed.data } : { isValid: false, problems };
  }
  return { isValid: false, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, given)) };
}

function problemsOf(issue: z.core.$ZodIssue, given: unknown): ConfigProblem[] {
  const key = keyOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(issue.path);
    return issue.keys.map((unknown) => {
      const nearest = nearestName(unknown, known);
      const advice = nearest === undefined ? `There are ${known.join(", ")}.` : `Do you mean ${nearest}?`;
      return { key: `${key}.${unknown}`, message: `is not a setting. ${advice}` };
    });
  }
  const value = valueAt(given, issue.path);
  return [{ key, message: `is ${shown(value)}: ${wanted(issue)}.` }];
}

/** What would be right, in our words: zod's are for programmers. */
function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `write ${TYPE_WORDS[issue.expected] ?? `a ${issue.expected}`}`;
    case "invalid_value":
      return `write ${issue.values.map((each) => JSON.stringify(each)).join(" or ")}`;
    case "too_small":
      return `write ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}${issue.origin === "string" ? " character" : ""}`;
    case "too_big":
      return `write at most ${issue.maximum}${issue.origin === "string" ? " characters" : issue.origin === "array" ? " entries" : ""}`;
    case "invalid_format":
      return issue.format === "date"
        ? "write a day as 2026-11-23"
        : issue.format === "url"
          ? "write an address such as https://example.com/hook"
          : `write a ${issue.format}`;
    default:
      return issue.message;
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  string: "a text",
  array: "a list",
  object: "a block in braces",
};

/** Coarser data is kept longer: what the schema cannot say of two keys. */
function orderProblems({ retention }: MetricsBlock): ConfigProblem[] {
  const { detailed_days: detailed = 7, hourly_days: hourly = 30, daily_days: daily = 90 } = retention ?? {};
  const problems: ConfigProblem[] = [];
  if (hourly < detailed) problems.push(orderProblem("hourly_days", hourly, "detailed_days", detailed));
  if (daily < hourly) problems.push(orderProblem("daily_days", daily, "hourly_days", hourly));
  return problems;
}

/** Red lies beyond yellow: below it for success rates, above it for everything else. */
function levelProblems({ dashboard = {} }: MetricsBlock): ConfigProblem[] {
  return Object.entries(dashboard).flatMap(([key, levels]) => {
    if (levels === undefined) return [];
    const [yellow, red] = levels;
    const isBelow = key === "success_rate";
    if (isBelow ? red <= yellow : red >= yellow) return [];
    const message = `is [${yellow}, ${red}]: red lies ${isBelow ? "below" : "above"} yellow, swap them.`;
    return [{ key: `metrics.dashboard.${key}`, message }];
  });
}

function orderProblem(key: string, value: number, lowerKey: string, lower: number): ConfigProblem {
  return {
    key: `metrics.retention.${key}`,
    message: `is ${value}, less than ${lowerKey} (${lower}): coarser data is kept longer, raise it.`,
  };
}

/** `metrics.budgets[0].name` */
function keyOf(path: readonly PropertyKey[]): string {
  return `metrics${path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("")}`;
}

const MAX_SHOWN = 60;

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = given;
  for (const part of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
  return value;
}

/** Names of the settings beside a misspelt one. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: z.ZodType | undefined = METRICS_SCHEMA;
  for (const part of path) {
    schema = unwrapped(schema);
    if (schema instanceof z.ZodArray) schema = schema.element as z.ZodType;
    else if (schema instanceof z.ZodObject) schema = schema.shape[String(part)] as z.ZodType | undefined;
  }
  schema = unwrapped(schema);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrapped(schema: z.ZodType | undefined): z.ZodType | undefined {
  return schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
}
