/** Everything that the dashboard's screen is drawn from. Plain data: tests write it by hand. */
import type {
  Dashboard,
  DashboardChoice,
  DashboardDetail,
  DashboardPeriod,
  DetailSubject,
  TrendUnit,
} from "@moai-metrics/report";
import type { Dimension } from "@moai-metrics/store";

/** Sections that can be chosen, in the order in which Tab goes through them. */
export const SECTIONS = ["agents", "queue", "trends", "resources", "alerts"] as const;
export type SectionName = (typeof SECTIONS)[number];

/** What the rows of Agents can be ordered by. */
export const AGENT_SORTS = ["tokens", "cost", "tasks", "success", "duration", "name"] as const;
export type AgentSort = (typeof AGENT_SORTS)[number];

/** What Trends can draw. */
export const TREND_MEASURES = ["tokens", "cost", "duration"] as const;
export type TrendMeasure = (typeof TREND_MEASURES)[number];

/** Where new facts come from while the dashboard is open. */
export type Source = "receiver" | "tail" | "nothing";

/** A row that is looked at more closely. */
export interface DetailState {
  readonly subject: DetailSubject;
  /** Undefined until it was read. */
  readonly content: DashboardDetail | undefined;
  /** Rows of the timeline that are scrolled out at the top. */
  readonly offset: number;
}

/** The state. */
export interface DashboardState {
  readonly columns: number;
  readonly rows: number;
  /** Undefined until the store was read for the first time. */
  readonly dashboard: Dashboard | undefined;
  readonly choice: DashboardChoice;
  readonly focus: SectionName;
  /** The chosen row of each section, from 0 on. */
  readonly selected: Readonly<Record<SectionName, number>>;
  readonly sort: AgentSort;
  readonly measure: TrendMeasure;
  /** Words and `product:NAME`, `project:NAME`, `agent:NAME`, `model:NAME`, as they were typed. */
  readonly filter: string;
  /** The filter while it is typed. */
  readonly editing: string | undefined;
  readonly isHelpShown: boolean;
  readonly detail: DetailState | undefined;
  readonly source: Source;
  /** What the data is, when it is not the user's own. */
  readonly label: string | undefined;
  /** Something that was done or went wrong, in one line. */
  readonly notice: string | undefined;
  /** Counts requests to write the view into a file. */
  readonly exports: number;
  /** Why nothing newer is shown; undefined while all is well. */
  readonly problem: string | undefined;
  readonly isOver: boolean;
  /** One frame that stays: nothing can be chosen, so nothing is said about keys. */
  readonly isOnce: boolean;
}

/** What a dashboard begins with. */
export interface InitialState {
  readonly columns: number;
  readonly rows: number;
  readonly period?: DashboardPeriod | undefined;
  readonly groupBy?: Dimension | undefined;
  readonly trendUnit?: TrendUnit | undefined;
  readonly label?: string | undefined;
}

/** The state before anything is known. */
export function initialState(initial: InitialState): DashboardState {
  const { columns, rows, period = "7d", groupBy = "agent", trendUnit = "day", label } = initial;
  return {
    columns,
    rows,
    dashboard: undefined,
    choice: { period, groupBy, trendUnit },
    focus: "agents",
    selected: { agents: 0, queue: 0, trends: 0, resources: 0, alerts: 0 },
    sort: "tokens",
    measure: "tokens",
    filter: "",
    editing: undefined,
    isHelpShown: false,
    detail: undefined,
    source: "nothing",
    label,
    notice: undefined,
    exports: 0,
    problem: undefined,
    isOver: false,
    isOnce: false,
  };
}
