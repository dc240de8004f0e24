/** Orders the rows of an answer by one of their fields. */
import { UsageError } from "../errors.ts";
import type { MethodFlags } from "./flags.ts";

type Row = Readonly<Record<string, unknown>>;

/** Fields of answers that hold rows. */
const ROW_FIELDS = ["agents", "buckets", "groups"];

/** @throws UsageError for a field that the rows do not have, and for an order of nothing. */
export function sortRows(answer: object, { sort, order }: Pick<MethodFlags, "sort" | "order">): object {
  if (sort === undefined) {
    if (order === undefined) return answer;
    throw new UsageError(`--order ${order} needs --sort and a field.`);
  }
  const field = ROW_FIELDS.find((name) => name in answer);
  const rows = field === undefined ? [] : ((answer as Row)[field] as readonly Row[]);
  if (field === undefined || rows.length === 0) return answer;
  const paths = fieldsOf(rows[0] ?? {});
  if (!paths.includes(sort)) {
    throw new UsageError(`--sort ${sort}: there is no such field. Fields: ${paths.join(", ")}.`);
  }
  const sign = (order ?? "desc") === "asc" ? 1 : -1;
  return { ...answer, [field]: rows.toSorted((a, b) => compare(valueAt(a, sort), valueAt(b, sort), sign)) };
}

/** Numbers and texts of a row, those inside of others with a dot: `calls.costNanoUsd`. */
function fieldsOf(row: Row, prefix = ""): string[] {
  return Object.entries(row).flatMap(([name, value]) => {
    if (Array.isArray(value)) return [];
    return typeof value === "object" && value !== null ? fieldsOf(value as Row, `${prefix}${name}.`) : [prefix + name];
  });
}

function valueAt(row: Row, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => (value as Row | undefined)?.[name], row);
}

/** What has no value comes last, whatever the order. */
function compare(a: unknown, b: unknown, sign: 1 | -1): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (a === b) return 0;
  return (a as number | string) < (b as number | string) ? -sign : sign;
}
