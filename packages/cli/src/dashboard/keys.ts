/** What keys do: state and key in, state out. Pure. */
import { DASHBOARD_PERIODS, TREND_UNITS } from "@moai-metrics/report/screen";
import type { Dimension } from "@moai-metrics/store";
import { openingOf, rowCount } from "./rows.ts";
import { AGENT_SORTS, type DashboardState, SECTIONS, TREND_MEASURES } from "./state.ts";

/** Keys that have a name. */
export type KeyName =
  | ("up" | "down" | "left" | "right" | "pageUp" | "pageDown" | "home" | "end")
  | ("tab" | "backTab" | "enter" | "escape" | "backspace" | "interrupt");

/** A key with a name, or a character. */
export type KeyPress =
  | { readonly name: KeyName; readonly text?: undefined }
  | { readonly text: string; readonly name?: undefined };

/** The state after a key. */
export function pressKey(state: DashboardState, key: KeyPress): DashboardState {
  if (key.name === "interrupt") return { ...state, isOver: true };
  if (state.editing !== undefined) return editFilter(state, state.editing, key);
  const told = state.notice === undefined ? state : { ...state, notice: undefined };
  if (told.isHelpShown) return key.text === "q" ? { ...told, isOver: true } : { ...told, isHelpShown: false };
  if (key.name !== undefined) return pressNamed(told, key.name);
  return COMMANDS[key.text]?.(told) ?? told;
}

const COMMANDS: Readonly<Record<string, (state: DashboardState) => DashboardState>> = {
  q: (state) => ({ ...state, isOver: true }),
  j: (state) => move(state, 1),
  k: (state) => move(state, -1),
  "?": (state) => ({ ...state, isHelpShown: true }),
  "/": (state) => ({ ...state, editing: state.filter }),
  p: (state) => chosen(state, { period: next(DASHBOARD_PERIODS, state.choice.period) }),
  g: (state) =>
    state.focus === "trends"
      ? chosen(state, { trendUnit: next(TREND_UNITS, state.choice.trendUnit) })
      : chosen(state, { groupBy: next(AGENT_GROUPS, state.choice.groupBy) }),
  s: (state) =>
    state.focus === "trends"
      ? { ...state, measure: next(TREND_MEASURES, state.measure) }
      : { ...withFirstRow(state), sort: next(AGENT_SORTS, state.sort) },
  e: (state) => ({ ...state, exports: state.exports + 1 }),
};

/** The order in which `g` goes through what rows can be about: agents first. */
const AGENT_GROUPS = ["agent", "model", "project", "product"] as const satisfies readonly Dimension[];

const PAGE_ROWS = 10;
/** Farther than any list is long. */
const ALL_ROWS = 1_000_000;

function pressNamed(state: DashboardState, name: KeyName): DashboardState {
  switch (name) {
    case "down":
      return move(state, 1);
    case "up":
      return move(state, -1);
    case "pageDown":
      return move(state, PAGE_ROWS);
    case "pageUp":
      return move(state, -PAGE_ROWS);
    case "home":
      return move(state, -ALL_ROWS);
    case "end":
      return move(state, ALL_ROWS);
    case "tab":
    case "right":
      return turn(state, 1);
    case "backTab":
    case "left":
      return turn(state, -1);
    case "enter":
      return open(state);
    case "escape":
    case "backspace":
      return leave(state);
    default:
      return state;
  }
}

function move(state: DashboardState, rows: number): DashboardState {
  const { detail, focus, selected } = state;
  if (detail !== undefined) {
    const last = Math.max(0, (detail.content?.timeline.length ?? 0) - 1);
    return { ...state, detail: { ...detail, offset: clamp(detail.offset + rows, last) } };
  }
  const last = Math.max(0, rowCount(state, focus) - 1);
  // What was chosen may be gone.
  return { ...state, selected: { ...selected, [focus]: clamp(Math.min(selected[focus], last) + rows, last) } };
}

function turn(state: DashboardState, sections: number): DashboardState {
  if (state.detail !== undefined) return state;
  const at = SECTIONS.indexOf(state.focus) + sections + SECTIONS.length;
  return { ...state, focus: SECTIONS[at % SECTIONS.length] ?? state.focus };
}

function open(state: DashboardState): DashboardState {
  if (state.detail !== undefined) return openEntry(state);
  const opening = openingOf(state);
  if (opening === undefined) return state;
  if ("subject" in opening) return { ...state, detail: { subject: opening.subject, content: undefined, offset: 0 } };
  return withFirstRow({ ...state, filter: [state.filter, opening.term].filter((term) => term !== "").join(" ") });
}

/** In a timeline, Enter opens the task of its first row. */
function openEntry(state: DashboardState): DashboardState {
  const { detail } = state;
  const entry = detail?.content?.timeline[detail.offset];
  if (detail === undefined || entry === undefined || entry.taskId === "" || detail.subject.kind === "task")
    return state;
  const subject = { kind: "task", sessionId: entry.sessionId, taskId: entry.taskId } as const;
  return { ...state, detail: { subject, content: undefined, offset: 0 } };
}

function leave(state: DashboardState): DashboardState {
  if (state.detail !== undefined) return { ...state, detail: undefined };
  return state.filter === "" ? state : withFirstRow({ ...state, filter: "" });
}

function editFilter(state: DashboardState, editing: string, key: KeyPress): DashboardState {
  if (key.text !== undefined) return { ...state, editing: editing + key.text };
  switch (key.name) {
    case "enter":
      return withFirstRow({ ...state, filter: editing.trim(), editing: undefined });
    case "escape":
      return { ...state, editing: undefined };
    case "backspace":
      return { ...state, editing: [...editing].slice(0, -1).join("") };
    default:
      return state;
  }
}

function chosen(state: DashboardState, choice: Partial<DashboardState["choice"]>): DashboardState {
  return withFirstRow({ ...state, choice: { ...state.choice, ...choice } });
}

/** Rows are other rows now. */
function withFirstRow(state: DashboardState): DashboardState {
  return { ...state, selected: { agents: 0, queue: 0, trends: 0, resources: 0, alerts: 0 } };
}

function clamp(value: number, last: number): number {
  return Math.min(last, Math.max(0, value));
}

function next<Value>(values: readonly Value[], value: Value): Value {
  return values[(values.indexOf(value) + 1) % values.length] ?? value;
}
