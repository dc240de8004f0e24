/** The boards, as Grafana reads them. */
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { agentsPanels } from "./boards/agents.ts";
import { costPanels } from "./boards/cost-and-tokens.ts";
import { overviewPanels } from "./boards/overview.ts";
import { pipelinePanels } from "./boards/pipeline-health.ts";
import { qualityPanels } from "./boards/quality.ts";
import { tasksPanels } from "./boards/tasks.ts";
import { toolsPanels } from "./boards/tools.ts";
import type { BoardPanel } from "./panels.ts";
import { variables } from "./variables.ts";

const TAG = "moai-metrics";

/** A board with the agent of a row chosen, everything else as it is. */
function agentOn(uid: string, title: string) {
  return { title, url: `/d/${uid}?\${__url_time_range}&var-agent=\${__value.raw}` };
}

const BOARDS: readonly {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly BoardPanel[];
}[] = [
  {
    name: "overview",
    title: "Agents at a glance",
    description: "What AI agents did: success, time, tokens and cost, against the period before.",
    panels: overviewPanels(agentOn("moai-agents", "This agent")),
  },
  {
    name: "agents",
    title: "Agents",
    description: "One agent beside the other.",
    panels: agentsPanels(agentOn("moai-tasks", "Tasks of this agent")),
  },
  { name: "tasks", title: "Tasks", description: "How tasks went, and single ones.", panels: tasksPanels() },
  {
    name: "cost-and-tokens",
    title: "Cost and tokens",
    description: "What models cost, and what the money bought.",
    panels: costPanels(),
  },
  { name: "tools", title: "Tools", description: "What agents do with tools.", panels: toolsPanels() },
  { name: "quality", title: "Quality", description: "Ends, errors and waits.", panels: qualityPanels() },
  {
    name: "pipeline-health",
    title: "Pipeline health",
    description: "Whether the numbers arrive.",
    panels: pipelinePanels(),
  },
];

/** Every board by the name of its file. */
export function dashboards(): Readonly<Record<string, Dashboard>> {
  return Object.fromEntries(BOARDS.map((board) => [`${board.name}.json`, build(board)]));
}

function build({ name, title, description, panels }: (typeof BOARDS)[number]): Dashboard {
  const builder = new DashboardBuilder(`moai-metrics / ${title}`)
    .uid(`moai-${name}`)
    .description(description)
    .tags([TAG])
    .timezone("browser")
    .time({ from: "now-7d", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder("Boards")
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .icon("external link")
        .tooltip("The other boards")
        .url("")
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    );
  for (const variable of variables()) builder.withVariable(variable);
  for (const panel of placed(panels)) builder.withPanel(panel);
  return builder.build();
}

const COLUMNS = 24;

/** Panels with a number each and a place: side by side until a row is full. */
function placed(panels: readonly BoardPanel[]): BoardPanel[] {
  let [x, y, height] = [0, 0, 0];
  return panels.map((panel, i) => {
    const built = panel.build();
    const { w = COLUMNS, h = 0 } = built.gridPos ?? {};
    if (x + w > COLUMNS) [x, y, height] = [0, y + height, 0];
    const positioned = { ...built, id: i + 1, gridPos: { x, y, w, h } };
    x += w;
    height = Math.max(height, h);
    return { build: () => positioned };
  });
}
