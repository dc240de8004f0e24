/**
 * Single tasks: their ids are in no metric, so they come from the daemon's own endpoint, through the Infinity data source.
 * https://grafana.com/docs/plugins/yesoreyeram-infinity-datasource/
 */
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { type BoardPanel, describePanel, steps } from "./panels.ts";

/** The data source that provisioning sets up. */
const TASKS_SOURCE = { type: "yesoreyeram-infinity-datasource", uid: "moai-metrics-tasks" } as const;

const ROWS = 200;

/** Fields of a task in the daemon's answer, and what they are called on the board. */
const COLUMNS = [
  { selector: "endedAt", text: "Ended", type: "timestamp" },
  { selector: "agent", text: "Agent", type: "string" },
  { selector: "result", text: "Result", type: "string" },
  { selector: "durationMs", text: "Duration", type: "number", unit: "ms" },
  { selector: "totalTokens", text: "Tokens", type: "number", unit: "short" },
  { selector: "totalCost", text: "Cost", type: "number", unit: "currencyUSD" },
  { selector: "toolCalls", text: "Tools", type: "number", unit: "short" },
  { selector: "kind", text: "Kind", type: "string" },
  { selector: "project", text: "Project", type: "string" },
  { selector: "product", text: "Product", type: "string" },
  { selector: "taskId", text: "Task", type: "string" },
  { selector: "sessionId", text: "Session", type: "string" },
] as const;

const RESULT_COLORS = {
  success: "green",
  failure: "red",
  timeout: "red",
  cancelled: "orange",
  unknown: "text",
  open: "blue",
};

/** What is asked: the variables and the range of the board, as Grafana writes them into an address. */
const TASKS_PATH: string = `/v1/tasks?limit=${ROWS}&from=\${__from}&to=\${__to}&\${product:queryparam}&\${project:queryparam}&\${agent:queryparam}`;

/** The newest tasks of the board's time range. */
export function tasksTable(): BoardPanel {
  const panel = describePanel(new TableBuilder(), {
    title: "Single tasks",
    question: `Which tasks were these? The newest ${ROWS} of the time range at the top right; moai-metrics task ID shows one in full.`,
    unit: "string",
    thresholds: steps(["text"]),
  })
    .datasource(TASKS_SOURCE)
    .span(24)
    .height(12)
    .withTarget(tasksQuery())
    .overrideByName("Result", [
      { id: "custom.cellOptions", value: { type: "color-text" } },
      {
        id: "mappings",
        value: [
          {
            type: "value",
            options: Object.fromEntries(
              Object.entries(RESULT_COLORS).map(([result, color], index) => [result, { color, index }]),
            ),
          },
        ],
      },
    ]);
  for (const column of COLUMNS) {
    if ("unit" in column) panel.overrideByName(column.text, [{ id: "unit", value: column.unit }]);
  }
  return panel;
}

/** The Infinity data source has no builder of its own. */
function tasksQuery(): Builder<Dataquery> {
  const query = {
    refId: "A",
    datasource: TASKS_SOURCE,
    type: "json",
    source: "url",
    parser: "backend",
    format: "table",
    url: TASKS_PATH,
    url_options: { method: "GET", data: "" },
    root_selector: "tasks",
    columns: COLUMNS.map(({ selector, text, type }) => ({ selector, text, type })),
    filters: [],
  };
  return { build: () => ({ ...query, _implementsDataqueryVariant: () => {} }) };
}
