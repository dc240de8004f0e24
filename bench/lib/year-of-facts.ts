/** A year of history: the workload's 90 days four times over, each with ids of its own. */
import { DAY_MILLIS, type Fact } from "@moai-metrics/model";
import { createWorkload, tasksAtScale, WORKLOAD_START_MILLIS } from "./workload.ts";

const QUARTERS = 4;
const QUARTER_DAYS = 90;

/** Facts of a year that ends with the day before `endMillis`, in the order of time. */
export function* yearOfFacts(tasks: number, endMillis: number): Generator<Fact> {
  const endDay = Math.floor(endMillis / DAY_MILLIS) * DAY_MILLIS;
  for (let quarter = 0; quarter < QUARTERS; quarter++) {
    const startMillis = endDay - (QUARTERS - quarter) * QUARTER_DAYS * DAY_MILLIS;
    const workload = createWorkload({ tasks: tasksAtScale(tasks / QUARTERS, 1), ids: "request and message" });
    for (const fact of workload.inOrderOfTime())
      yield moved(fact, startMillis - WORKLOAD_START_MILLIS, quarter) as Fact;
  }
}

/** The same value with its times moved and its ids made others. */
function moved(value: unknown, byMillis: number, quarter: number, key = ""): unknown {
  if (typeof value === "number") return key.endsWith("Millis") ? value + byMillis : value;
  if (typeof value === "string") return key.endsWith("Id") ? `${value}-${quarter}` : value;
  if (Array.isArray(value)) return value.map((each) => moved(each, byMillis, quarter));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, moved(inner, byMillis, quarter, name)]),
  );
}
