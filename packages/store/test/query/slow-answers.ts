/** The same answers the slow way. */
import { MEASURES, type Measure } from "../../src/query/measures.ts";
import { measuredValue, type TrueFact } from "./true-facts.ts";

export interface SlowValue {
  readonly value: number | undefined;
  readonly count: number;
}

/** A function of a measure over facts, by going through all of them. */
export function slowValue(facts: readonly TrueFact[], measure: Measure, wanted: string, percentile: number): SlowValue {
  const { kind, population } = MEASURES[measure];
  const own = facts.filter((fact) => fact.population === population);
  const valuesOf = (name: string): number[] => own.flatMap((fact) => measuredValue(fact, name) ?? []);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  if (kind === "total") {
    const total = sum(valuesOf(measure));
    return { value: total, count: total };
  }
  if (kind === "ratio") {
    const [success, failure, timeout] = ["successfulTasks", "failedTasks", "timedOutTasks"].map((name) =>
      sum(valuesOf(name)),
    );
    const all = (success ?? 0) + (failure ?? 0) + (timeout ?? 0);
    return { value: all === 0 ? undefined : (success ?? 0) / all, count: all };
  }
  const values = valuesOf(measure).sort((a, b) => a - b);
  const count = values.length;
  // A reply without usage may have a cost that the agent reported.
  const total = measure === "cost" ? sum(own.map(({ row }) => Number(row["cost_nano_usd"] ?? 0))) : sum(values);
  switch (wanted) {
    case "sum":
      return { value: total, count };
    case "count":
      return { value: count, count };
    case "avg":
      return { value: count === 0 ? undefined : total / count, count };
    case "min":
      return { value: values[0], count };
    case "max":
      return { value: values.at(-1), count };
    default:
      return { value: values[Math.max(1, Math.ceil(percentile * count - 1e-9)) - 1], count };
  }
}
