/** What the file holds of an asked span: days that are kept, and sheets. */
import type { ClosedDay } from "./closed-days.ts";
import { projectOfSheet, QUARTER_HOURS_A_DAY, quarterHourOfSheet, sheetId } from "./places.ts";
import { createBucketFinder, planRollupReads } from "./read-plan.ts";
import type { RollupStatements } from "./rollup-statements.ts";
import type { RollupQuestion } from "./types.ts";

/** Row numbers leave this much room; an open-ended question means no more. */
const MAX_QUARTER_HOUR = 2 ** 23 - 1;

/** Quarter hours beyond what a row number can hold have no facts. */
export function withinReach(edges: readonly number[]): readonly number[] {
  return edges.map((edge, i) => Math.min(Math.max(edge, i - edges.length), MAX_QUARTER_HOUR + i));
}

/** The zone that the question names, or else the one that has the most days whole. */
export function bestZone(
  statements: RollupStatements,
  { edges, timeZone }: Pick<RollupQuestion, "edges" | "timeZone">,
): number | undefined {
  if (timeZone !== undefined) return statements.zoneNamed.get(timeZone);
  const zoneIds = statements.zones.all();
  const wholeDays = (zoneId: number): number => {
    const [first = 0, behind = 0, another] = edges;
    if (another === undefined) return statements.wholeDays.get(zoneId, first, behind) ?? 0;
    return planRollupReads(edges, { closedDays: [], zoneDays: readDays(statements, zoneId, edges) }).days.length;
  };
  if (zoneIds.length < 2) return zoneIds[0];
  const [best] = zoneIds.map((id) => ({ id, days: wholeDays(id) })).sort((a, b) => b.days - a.days || a.id - b.id);
  return best?.id;
}

/** Days of a zone that touch the asked span. */
export function readDays(statements: RollupStatements, zoneId: number, edges: readonly number[]): readonly ClosedDay[] {
  // No day of any zone was longer than two: this finds one that began before the span.
  const from = (edges[0] ?? 0) - 2 * QUARTER_HOURS_A_DAY;
  return statements.closedDays(zoneId, from, edges.at(-1) ?? 0);
}

/** Goes through the open sheets of a span. */
export function eachSheet(
  statements: RollupStatements,
  edges: readonly number[],
  visit: (data: Uint8Array, quarterHour: number, projectId: number, bucket: number) => void,
): void {
  const bucketOf = createBucketFinder(edges);
  for (const [id, data] of statements.sheets.iterate(sheetId(edges[0] ?? 0, 0), sheetId(edges.at(-1) ?? 0, 0))) {
    const quarterHour = quarterHourOfSheet(id);
    visit(data, quarterHour, projectOfSheet(id), bucketOf(quarterHour));
  }
}
