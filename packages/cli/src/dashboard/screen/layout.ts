/** Which section gets how many rows, and where. Pure. */
import type { SectionName } from "../state.ts";

/** Fewer columns or rows than this are not enough. */
export const LEAST_COLUMNS = 60;
export const LEAST_ROWS = 18;

/** From this width on sections stand in two columns. */
const TWO_COLUMNS_FROM = 120;

/** What a section could use. */
export type WantedRows = Readonly<Record<SectionName, number>>;

/** A section and its rows, without its title. */
interface PlacedSection {
  readonly name: SectionName;
  readonly rows: number;
}

/** Sections below each other. */
export interface PlacedColumn {
  readonly width: number;
  readonly sections: readonly PlacedSection[];
}

const ONE_COLUMN: readonly (readonly SectionName[])[] = [["agents", "queue", "trends", "resources", "alerts"]];
const TWO_COLUMNS: readonly (readonly SectionName[])[] = [
  ["agents", "queue"],
  ["trends", "resources", "alerts"],
];

/** A list says nothing without its header and a row. */
const LEAST: WantedRows = { agents: 2, queue: 1, trends: 1, resources: 1, alerts: 1 };

/** Three charts below each other; higher ones say no more. */
const MOST_TREND_ROWS = 30;

/** Lists need more columns than charts. */
const LEFT_SHARE = 0.56;

/** Blanks between two columns. */
export const GAP = 3;

/** Places the sections in a room of so many columns and rows. */
export function placeSections(columns: number, rows: number, wanted: WantedRows, focus: SectionName): PlacedColumn[] {
  const places = columns < TWO_COLUMNS_FROM ? ONE_COLUMN : TWO_COLUMNS;
  const left = places.length === 1 ? columns : Math.floor((columns - GAP) * LEFT_SHARE);
  return places.map((names, i) => ({
    width: i === 0 ? left : columns - GAP - left,
    sections: shareRows(names, rows - names.length, wanted, focus),
  }));
}

/** Everyone gets the least; then the section in focus what it wants; then the others in turn; charts take the rest. */
function shareRows(
  names: readonly SectionName[],
  room: number,
  wanted: WantedRows,
  focus: SectionName,
): PlacedSection[] {
  const rows = new Map(names.map((name) => [name, LEAST[name]]));
  let left = room - names.reduce((sum, name) => sum + LEAST[name], 0);
  const give = (name: SectionName, count: number): void => {
    rows.set(name, (rows.get(name) ?? 0) + count);
    left -= count;
  };
  const wants = (name: SectionName): number => wanted[name] - (rows.get(name) ?? 0);
  if (rows.has(focus)) give(focus, Math.max(0, Math.min(left, wants(focus))));
  while (left > 0) {
    const hungry = names.filter((name) => wants(name) > 0);
    if (hungry.length === 0) break;
    for (const name of hungry) if (left > 0) give(name, 1);
  }
  if (rows.has("trends")) give("trends", Math.max(0, Math.min(left, MOST_TREND_ROWS - (rows.get("trends") ?? 0))));
  return names.map((name) => ({ name, rows: rows.get(name) ?? 0 }));
}
