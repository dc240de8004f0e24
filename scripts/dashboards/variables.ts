/** What a person chooses on every board: data source, period, product, project, agent, model. */
import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { LABELS, type Label, nameOf } from "./metric-names.ts";

/** The Prometheus that a board asks. */
export const PROMETHEUS = { type: "prometheus", uid: `\${datasource}` } as const;

/** Periods by their hours: a number, because it is also divided by. */
const PERIODS = "1 hour : 1,1 day : 24,7 days : 168,30 days : 720,90 days : 2160";

/** The variables of every board, in their order. */
export function variables() {
  return [
    new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"),
    new CustomVariableBuilder("period")
      .label("Period")
      .description("How far back totals, averages and rates reach; they are compared with as much time before.")
      .values(PERIODS)
      .current({ selected: true, text: "7 days", value: "168" }),
    named("product", "Product", "The agent program.", nameOf("taskCount")),
    named("project", "Project", "The folder that sessions ran in.", nameOf("taskCount")),
    named("agent", "Agent", "The agent; main is the one that people talk to.", nameOf("taskCount")),
    named("model", "Model", "The model; tasks and tools have none and show all.", nameOf("inputTokens")),
  ];
}

function named(label: Label, title: string, description: string, metric: string): QueryVariableBuilder {
  const query = `label_values(${metric},${LABELS[label]})`;
  return (
    new QueryVariableBuilder(label)
      .label(title)
      .description(description)
      .datasource(PROMETHEUS)
      .query({ query, refId: label })
      .definition(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      // Series that lack the label belong to everything.
      .allValue(".*")
      .current({ selected: true, text: ["All"], value: ["$__all"] })
  );
}
