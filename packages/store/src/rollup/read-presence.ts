/**
 * Which groups have facts, and when first and last. Closed blocks have an entry only where there are facts, so their keys
 * tell it, without any of the columns that sums need.
 */
import type { Database } from "better-sqlite3";
import { type AnswerGroups, createAnswerGroups } from "./answer-groups.ts";
import { bestZone, eachSheet, readDays, withinReach } from "./asked-span.ts";
import { type BlockKeys, KEYS_COLUMN } from "./block-keys.ts";
import { createNames, numbersOfFilter } from "./names.ts";
import { dayOfQuarterHour, LEVEL_QUARTER_HOURS, levelOfZone, QUARTER_HOURS_A_DAY, UTC_ZONE_ID } from "./places.ts";
import { planRollupReads } from "./read-plan.ts";
import { readRollups } from "./read-rollups.ts";
import { type RollupStatements, rollupStatementsOf } from "./rollup-statements.ts";
import { visitSheet } from "./sheet.ts";
import { SUM_PLACES } from "./sums.ts";
import type { RollupQuestion, RollupSum } from "./types.ts";

/** What is asked. */
export interface PresenceQuestion extends Pick<RollupQuestion, "timeZone" | "filter" | "groupBy"> {
  /** Quarter hours from the first to the second (exclusive). */
  readonly span: readonly [from: number, behind: number];
  /** Sums of which every fact that is asked for adds to one. */
  readonly sums: readonly RollupSum[];
  /** Whether first and last are wanted by the quarter hour; otherwise they may be told by the day, which is quicker. */
  readonly isByQuarterHour: boolean;
}

/** Some quarter hours in a row; not empty. */
export interface QuarterHours {
  readonly from: number;
  /** Exclusive. */
  readonly behind: number;
}

/** A group that has facts. */
export interface PresentGroup {
  /** In the order of `groupBy`; "" for "not known". */
  readonly key: readonly string[];
  /** Where its first fact lies. */
  readonly first: QuarterHours;
  /** Where its last fact lies. */
  readonly last: QuarterHours;
}

/** Groups with facts, in no order and some of them more than once; exact at any moment. */
export function readPresence(database: Database, question: PresenceQuestion): PresentGroup[] {
  const statements = rollupStatementsOf(database);
  statements.blocks.begin();
  const edges = withinReach(question.span);
  const groups = createAnswerGroups(question.groupBy, numbersOfFilter(statements, question.filter));
  const open = readSheets(statements, edges, question.sums, groups);
  const closedDays = readDays(statements, UTC_ZONE_ID, edges).map(({ first }) => dayOfQuarterHour(first));
  // Calls without a model share their cells with tasks and tool calls: there only sums tell one from the other.
  const needsSums = question.filter.models?.includes("") === true;
  const doubtful = needsSums ? new Set([...closedDays, ...open.days]) : open.takenBack;
  const byGroup: (Found | undefined)[] = [];
  readClosed(statements, question, { edges, closedDays, doubtful }, groups, byGroup);
  for (const { group, quarterHour } of open.added) {
    if (!doubtful.has(dayOfQuarterHour(quarterHour))) note(byGroup, group, quarterHour, quarterHour + 1);
  }
  const nameOf = createNames(statements);
  return [
    ...[...byGroup].flatMap((found, group) =>
      found === undefined ? [] : [{ key: (groups.ids[group] ?? []).map(nameOf), ...found }],
    ),
    ...daysInside(edges, doubtful).flatMap((span) => readBySums(database, question, span)),
  ];
}

/** Where facts of a group were found so far: each of these was found somewhere from `from` to `behind`. */
type Found = { -readonly [Side in "first" | "last"]: { from: number; behind: number } };

function foundIn(from: number, behind: number): Found {
  return { first: { from, behind }, last: { from, behind } };
}

/** There is a fact in the span: the first one is not behind it, and the last one not before it. */
function note(byGroup: (Found | undefined)[], group: number, from: number, behind: number): void {
  const found = byGroup[group];
  if (found === undefined) {
    byGroup[group] = foundIn(from, behind);
    return;
  }
  const { first, last } = found;
  if (from < first.from) first.from = from;
  if (behind < first.behind) first.behind = behind;
  if (from > last.from) last.from = from;
  if (behind > last.behind) last.behind = behind;
}

interface OpenPresence {
  readonly days: ReadonlySet<number>;
  readonly added: readonly { readonly group: number; readonly quarterHour: number }[];
  /** Days in which facts were taken back: what is closed of them says too much. */
  readonly takenBack: ReadonlySet<number>;
}

function readSheets(
  statements: RollupStatements,
  edges: readonly number[],
  sums: readonly RollupSum[],
  groups: AnswerGroups,
): OpenPresence {
  const places = new Set(sums.map((name) => SUM_PLACES[name]));
  const added: { group: number; quarterHour: number }[] = [];
  const days = new Set<number>();
  const takenBack = new Set<number>();
  eachSheet(statements, edges, (data, quarterHour, projectId) => {
    if (!groups.hasProject(projectId)) return;
    const day = dayOfQuarterHour(quarterHour);
    days.add(day);
    let group = -1;
    visitSheet(data, {
      cell(productId, agentId, modelId) {
        group = groups.groupOf(productId, projectId, agentId, modelId);
        return group >= 0;
      },
      sum(place, difference) {
        if (!places.has(place)) return;
        if (difference < 0) takenBack.add(day);
        else added.push({ group, quarterHour });
      },
      values: () => false,
      value: () => undefined,
    });
  });
  return { days, added, takenBack };
}

interface ClosedSpan {
  readonly edges: readonly number[];
  /** UTC days that are closed. */
  readonly closedDays: readonly number[];
  /** Those whose blocks are not to be believed. */
  readonly doubtful: ReadonlySet<number>;
}

function readClosed(
  statements: RollupStatements,
  { timeZone, isByQuarterHour }: PresenceQuestion,
  { edges, closedDays, doubtful }: ClosedSpan,
  groups: AnswerGroups,
  byGroup: (Found | undefined)[],
): void {
  const zoneId = isByQuarterHour ? undefined : bestZone(statements, { edges, timeZone });
  const zoneDays = zoneId === undefined ? [] : readDays(statements, zoneId, edges);
  const { days, quarterHours } = planRollupReads(edges, {
    closedDays: closedDays.filter((day) => !doubtful.has(day)),
    zoneDays: zoneDays.filter(({ first, behind }) => daysOf(first, behind).every((day) => !doubtful.has(day))),
  });
  const behindOf = new Map(zoneDays.map(({ first, behind }) => [first, behind]));
  for (const { firstQuarterHour } of days) {
    const { keys } = statements.blocks.read(levelOfZone(zoneId ?? UTC_ZONE_ID), firstQuarterHour, KEYS);
    const cellGroups = groups.ofBlock(keys);
    const behind = behindOf.get(firstQuarterHour) ?? firstQuarterHour;
    for (const group of cellGroups) if (group >= 0) note(byGroup, group, firstQuarterHour, behind);
  }
  for (const { firstQuarterHour, buckets } of quarterHours) {
    const { keys } = statements.blocks.read(LEVEL_QUARTER_HOURS, firstQuarterHour, KEYS);
    noteSlots(keys, groups.ofBlock(keys), firstQuarterHour, buckets, byGroup);
  }
}

const KEYS: readonly number[] = [KEYS_COLUMN];

/** Notes the first and the last asked slot in which each cell has facts. */
function noteSlots(
  { masks, slotCount, cellCount }: BlockKeys,
  cellGroups: Int32Array,
  firstQuarterHour: number,
  buckets: Int32Array,
  byGroup: (Found | undefined)[],
): void {
  const maskBytes = Math.ceil(slotCount / 8);
  for (let cell = 0; cell < cellCount; cell++) {
    const group = cellGroups[cell] as number;
    if (group < 0) continue;
    const isFree = (slot: number): boolean =>
      (buckets[slot] as number) < 0 || (((masks[cell * maskBytes + (slot >> 3)] as number) >> (slot & 7)) & 1) === 0;
    let first = 0;
    let last = slotCount - 1;
    while (first <= last && isFree(first)) first += 1;
    while (last > first && isFree(last)) last -= 1;
    if (first > last) continue;
    note(byGroup, group, firstQuarterHour + first, firstQuarterHour + first + 1);
    note(byGroup, group, firstQuarterHour + last, firstQuarterHour + last + 1);
  }
}

/** UTC days that some quarter hours lie in. */
function daysOf(first: number, behind: number): number[] {
  const [firstDay, lastDay] = [dayOfQuarterHour(first), dayOfQuarterHour(behind - 1)];
  return Array.from({ length: lastDay - firstDay + 1 }, (_, i) => firstDay + i);
}

/** The parts of UTC days that lie inside a span. */
function daysInside(edges: readonly number[], days: ReadonlySet<number>): (readonly [number, number])[] {
  const [from = 0, behind = 0] = edges;
  return [...days]
    .map(
      (day) => [Math.max(from, day * QUARTER_HOURS_A_DAY), Math.min(behind, (day + 1) * QUARTER_HOURS_A_DAY)] as const,
    )
    .filter(([first, end]) => first < end);
}

/** Groups that have facts in each quarter hour of a span, from what their sums come to. */
function readBySums(
  database: Database,
  { filter, groupBy, sums }: PresenceQuestion,
  [from, behind]: readonly [number, number],
): PresentGroup[] {
  const edges = Array.from({ length: behind - from + 1 }, (_, i) => from + i);
  return readRollups(database, { edges, timeZone: "UTC", filter, groupBy, sums, extremes: [], histograms: [] })
    .filter((group) => group.sums.some((sum) => sum > 0))
    .map(({ key, bucket }) => ({ key, ...foundIn(from + bucket, from + bucket + 1) }));
}
