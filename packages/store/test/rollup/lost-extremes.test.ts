import { DAY_MILLIS } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { createBlockFiles } from "../../src/rollup/block-files.ts";
import { addSheets } from "../../src/rollup/folding.ts";
import { ALL_LOST, createUntoldNotes, type LostCell, planRecovery } from "../../src/rollup/lost-extremes.ts";
import { decodeSheets, readEncodedSheets, readOpenDays } from "../../src/rollup/open-sheets.ts";
import { cellOf, createSummaryTable } from "../../src/rollup/summary.ts";
import { readTable } from "../../src/rollup/zone-days.ts";
import { call, NOON, session, task, temporaryStore, tool } from "../helpers.ts";

const lostAt = (quarterHour: number, agentId = 0): LostCell => ({
  quarterHour,
  cell: cellOf(1, 2, agentId, 3),
  distributions: 0b1,
});

it("reads quarter hours together that lie close to each other, and apart from those of which all is lost", () => {
  const { untold, noteCell, noteAll } = createUntoldNotes();
  noteCell(lostAt(18));
  noteCell(lostAt(10));
  noteCell(lostAt(10, 4));
  noteCell(lostAt(19 + 9));
  noteAll(30);
  noteAll(31);
  noteAll(33);
  noteCell(lostAt(34));
  expect(planRecovery(untold)).toEqual([
    { from: 10, behind: 19, lost: [lostAt(10), lostAt(10, 4), lostAt(18)] },
    { from: 28, behind: 29, lost: [lostAt(28)] },
    { from: 30, behind: 32, lost: ALL_LOST },
    { from: 33, behind: 34, lost: ALL_LOST },
    { from: 34, behind: 35, lost: [lostAt(34)] },
  ]);
  expect(planRecovery(createUntoldNotes().untold)).toEqual([]);
});

it("notes nothing of a cell that lost nothing, and no cells where all is lost", () => {
  const { untold, noteCell, noteAll } = createUntoldNotes();
  noteCell({ ...lostAt(10), distributions: 0 });
  expect(untold.size).toBe(0);
  noteCell(lostAt(10));
  noteAll(10);
  noteCell(lostAt(10, 4));
  expect(untold.get(10)).toBe(ALL_LOST);
});

it("finds the next extremes of calls, tools and tasks whose agents become known after their day was folded", () => {
  const store = temporaryStore();
  const [minute, quarterHour] = [60_000, 900_000];
  const later = NOON + 3 * DAY_MILLIS;
  const numbers = Array.from({ length: 24 }, (_, i) => i);
  const at = (i: number): number => NOON + (i % 3) * quarterHour + minute;
  const ids = (i: number) => ({ sessionId: `s${i % 4}`, taskId: `t${i}` });
  const taskTimes = (i: number) => ({ ...ids(i), startedAtMillis: at(i) - 1_000 - 10 * i, lastSeenAtMillis: at(i) });
  const sessions = [0, 1, 2, 3].map((i) => session({ sessionId: `s${i}`, project: i < 2 ? "/a" : "/b" }));
  const early = numbers.flatMap((i) => [
    call({ ...ids(i), requestId: `r${i}`, responseId: `m${i}`, endedAtMillis: at(i), durationMillis: 100 + i * 7 }),
    tool({ ...ids(i), callId: `c${i}`, startedAtMillis: at(i), endedAtMillis: at(i) + 50 + i * 11 }),
    task({ ...taskTimes(i), agent: undefined, outcome: { result: "success", origin: "reported", atMillis: at(i) } }),
  ]);
  store.write({ facts: [...sessions, ...early] });
  store.foldRollups(later);
  const database = new Database(store.path);
  onTestFinished(() => {
    database.close();
  });
  // Now the greatest and the least of each quarter hour are of another agent, and those in the middle stay.
  for (const i of numbers.filter((each) => each < 6 || each >= 18)) {
    store.write({ facts: [task({ ...taskTimes(i), agent: i % 2 === 0 ? "main" : "expert", outcome: undefined })] });
  }
  const lost = addSheets(
    readTable(createBlockFiles(database), Math.floor(NOON / DAY_MILLIS)) ?? createSummaryTable(96),
    decodeSheets(readEncodedSheets(database, Math.floor(NOON / DAY_MILLIS))),
    Math.floor(NOON / DAY_MILLIS) * 96,
  );
  const distributions = [...lost.values()].flatMap((cells) =>
    cells === ALL_LOST ? [] : cells.map((each) => each.distributions),
  );
  expect(distributions.reduce((all, bits) => all | bits, 0)).toBe(0b11101);
  store.foldRollups(later);
  expect(readOpenDays(database)).toEqual([]);
  expect(store.checkRollups()).toEqual([]);
});
