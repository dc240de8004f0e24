/** What each witness told of the calls of a session. */
import { type ToldTokens, WITNESS_BITS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { rowRange } from "../write/locator.ts";
import { REPORTED_TOKENS } from "../write/task-report-sql.ts";
import { unpackToolRanks } from "../write/tool-ranks.ts";
import { selectActiveSessions } from "./session-reader.ts";
import {
  type CallWitness,
  type LedgerFilter,
  type MissedCall,
  REPORTERS,
  type ToldCalls,
  type WitnessedSession,
} from "./types.ts";

/** The bits under which a witness is stored, the better one first: of both the better one counts. */
const BITS: Readonly<Record<CallWitness, readonly number[]>> = {
  process: [WITNESS_BITS.process],
  transcript: [WITNESS_BITS.transcript, WITNESS_BITS.transcriptSidechain],
  log: [WITNESS_BITS.log],
  hook: [WITNESS_BITS.hook],
  span: [WITNESS_BITS.span],
};

/** Calls of one session and model that the same witnesses told of in the same way. */
interface CallGroup extends TokenSums {
  readonly session_id: number;
  readonly model: string;
  readonly witnesses: number;
  readonly calls: number;
  readonly calls_without_usage: number;
  readonly first_at: number;
  readonly last_at: number;
}

interface TokenSums {
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly output: number;
}

/** Calls of which one witness said something else than their rows. */
interface DissentGroup {
  readonly session_id: number;
  readonly model: string;
  readonly witnesses: number;
  readonly witness: number;
  /** What its rows say. */
  readonly row: TokenSums & { readonly calls_without_usage: number };
  /** What it said. */
  readonly told: TokenSums & { readonly calls_without_usage: number };
}

const IS_CALL = "(fact.error_type_id = 0 OR fact.input IS NOT NULL)";

/** Whole sessions that were active in the range, newest first. A call counts under the model that the ledger knows. */
export function readWitnesses(database: Database, filter: LedgerFilter): WitnessedSession[] {
  const sessions = selectActiveSessions(database, filter);
  const [firstMillis, lastMillis] = [
    sessions.reduce((first, { started_at }) => Math.min(first, started_at), Number.MAX_SAFE_INTEGER),
    sessions.reduce((last, { ended_at }) => Math.max(last, ended_at), 0),
  ];
  if (sessions.length === 0) return [];
  const { firstId, lastId } = rowRange(firstMillis, lastMillis);
  const place = [firstId, lastId, JSON.stringify(sessions.map(({ id }) => id))] satisfies Place;
  const groups = readCallGroups(database, place);
  const calls = Map.groupBy(groups, ({ session_id }) => session_id);
  const partlyTold = Map.groupBy(readPartlyTold(database, place, groups), ({ session_id }) => session_id);
  const dissents = Map.groupBy(readDissentGroups(database, place), ({ session_id }) => session_id);
  const tools = Map.groupBy(readToolGroups(database, place), ({ session_id }) => session_id);
  const reports = new Map(readHookReports(database, place).map(({ session_id, ...sums }) => [session_id, sums]));
  const isWanted = (model: string): boolean => filter.models === undefined || filter.models.includes(model);
  return sessions
    .map(({ id, product, session_key, project, started_at, ended_at }) => {
      const byModel = Map.groupBy(calls.get(id) ?? [], ({ model }) => model);
      const ofSession = dissents.get(id) ?? [];
      return {
        product,
        sessionId: session_key,
        project,
        startedAtMillis: started_at,
        endedAtMillis: ended_at,
        models: [...byModel]
          .filter(([model]) => isWanted(model))
          .map(([model, groups]) => {
            const ofModel = ofSession.filter((each) => each.model === model);
            const told = toldByEach(groups, ofModel);
            const heard = REPORTERS.filter((witness) => told[witness] !== undefined);
            const missed = (partlyTold.get(id) ?? [])
              .filter((call) => call.model === model)
              .flatMap((call) => missedCallOf(call, heard));
            return { model, ledger: ledgerOf(groups), told, missed };
          })
          .toSorted((a, b) => totalOf(b.ledger.tokens) - totalOf(a.ledger.tokens)),
        reportedByHook: reports.get(id),
        toolCalls: toolCallsOf(tools.get(id) ?? []),
      };
    })
    .filter(
      ({ models, toolCalls, reportedByHook }) =>
        models.length > 0 || (filter.models === undefined && (toolCalls.ledger > 0 || reportedByHook !== undefined)),
    );
}

type Place = [firstId: number, lastId: number, sessionIds: string];

function readCallGroups(database: Database, place: Place): CallGroup[] {
  return database
    .prepare<Place, CallGroup>(
      `SELECT fact.session_id, coalesce(name.text, '') AS model, fact.witnesses, count(*) AS calls,
         sum(fact.input IS NULL) AS calls_without_usage, min(fact.ended_at) AS first_at, max(fact.ended_at) AS last_at,
         coalesce(sum(fact.input), 0) AS input, coalesce(sum(fact.cache_read), 0) AS cache_read,
         coalesce(sum(fact.cache_write_5m + fact.cache_write_1h), 0) AS cache_write, coalesce(sum(fact.output), 0) AS output
       FROM model_call_fact AS fact
       LEFT JOIN string AS name ON name.id = fact.model_id
       WHERE fact.id BETWEEN ? AND ? AND fact.session_id IN (SELECT value FROM json_each(?)) AND ${IS_CALL}
       GROUP BY fact.session_id, fact.model_id, fact.witnesses`,
    )
    .all(...place);
}

/** A call that a witness of its session and model may have missed. */
interface PartlyTold extends TokenSums {
  readonly session_id: number;
  readonly model: string;
  readonly agent: string;
  readonly witnesses: number;
  readonly ended_at: number;
  readonly has_usage: 0 | 1;
}

/** Where all calls of a session and model have the same witnesses, none of them missed any. */
function readPartlyTold(database: Database, [firstId, lastId]: Place, groups: readonly CallGroup[]): PartlyTold[] {
  const byModel = Map.groupBy(groups, ({ session_id, model }) => `${session_id} ${model}`);
  const mixed = [...byModel.values()].filter((each) => each.length > 1).flat();
  if (mixed.length === 0) return [];
  const sessions = [...new Set(mixed.map(({ session_id }) => session_id))];
  const sets = [...new Set(mixed.map(({ witnesses }) => witnesses))];
  return database
    .prepare<[number, number, string, string], PartlyTold>(
      `SELECT fact.session_id, coalesce(name.text, '') AS model, coalesce(agent.text, '') AS agent, fact.witnesses,
         fact.ended_at, fact.input IS NOT NULL AS has_usage, coalesce(fact.input, 0) AS input,
         coalesce(fact.cache_read, 0) AS cache_read,
         coalesce(fact.cache_write_5m + fact.cache_write_1h, 0) AS cache_write, coalesce(fact.output, 0) AS output
       FROM model_call_fact AS fact
       LEFT JOIN task ON task.id = fact.task_id
       LEFT JOIN string AS agent ON agent.id = task.agent_id
       LEFT JOIN string AS name ON name.id = fact.model_id
       WHERE fact.id BETWEEN ? AND ? AND fact.session_id IN (SELECT value FROM json_each(?))
         AND fact.witnesses IN (SELECT value FROM json_each(?)) AND ${IS_CALL}
       ORDER BY fact.ended_at, fact.id`,
    )
    .all(firstId, lastId, JSON.stringify(sessions), JSON.stringify(sets));
}

/** @param heard witnesses that told of any call of the session and model. */
function missedCallOf(call: PartlyTold, heard: readonly CallWitness[]): MissedCall[] {
  const [toldBy, missedBy] = [true, false].map((isTold) =>
    heard.filter((witness) => (bitOf(witness, call.witnesses) !== undefined) === isTold),
  );
  if (toldBy === undefined || missedBy === undefined || missedBy.length === 0) return [];
  const tokens = call.has_usage === 1 ? addSums(NOTHING_TOLD.tokens, call, 1) : undefined;
  return [{ endedAtMillis: call.ended_at, agent: call.agent, tokens, toldBy, missedBy }];
}

function readDissentGroups(database: Database, place: Place): DissentGroup[] {
  const sums = (alias: string, write: string): string =>
    `coalesce(sum(${alias}.input), 0), coalesce(sum(${alias}.cache_read), 0), coalesce(sum(${write}), 0),
     coalesce(sum(${alias}.output), 0), sum(${alias}.input IS NULL)`;
  const rows = database
    .prepare<Place, [number, string, number, number, ...number[]]>(
      `SELECT fact.session_id, coalesce(name.text, ''), fact.witnesses, dissent.witness,
         ${sums("fact", "fact.cache_write_5m + fact.cache_write_1h")}, ${sums("dissent", "dissent.cache_write")}
       FROM model_call_dissent AS dissent
       JOIN model_call_fact AS fact ON fact.id = dissent.call_id
       LEFT JOIN string AS name ON name.id = fact.model_id
       WHERE dissent.call_id BETWEEN ? AND ? AND fact.session_id IN (SELECT value FROM json_each(?)) AND ${IS_CALL}
       GROUP BY fact.session_id, fact.model_id, fact.witnesses, dissent.witness`,
    )
    .raw()
    .all(...place);
  const sumsFrom = ([input = 0, cache_read = 0, cache_write = 0, output = 0, calls_without_usage = 0]: number[]) => ({
    input,
    cache_read,
    cache_write,
    output,
    calls_without_usage,
  });
  return rows.map(([session_id, model, witnesses, witness, ...numbers]) => ({
    session_id,
    model,
    witnesses,
    witness,
    row: sumsFrom(numbers.slice(0, 5)),
    told: sumsFrom(numbers.slice(5)),
  }));
}

interface ToolGroup {
  readonly session_id: number;
  readonly ranks: number;
  readonly calls: number;
}

function readToolGroups(database: Database, place: Place): ToolGroup[] {
  return database
    .prepare<Place, ToolGroup>(
      `SELECT session_id, ranks, count(*) AS calls FROM tool_call
       WHERE id BETWEEN ? AND ? AND session_id IN (SELECT value FROM json_each(?))
       GROUP BY session_id, ranks`,
    )
    .all(...place);
}

/** Of tasks of whole sessions, whenever they were. */
function readHookReports(
  database: Database,
  [, , sessionIds]: Place,
): { readonly session_id: number; readonly tokens: number; readonly countedTokens: number }[] {
  return database
    .prepare<[string], { session_id: number; tokens: number; countedTokens: number }>(
      `SELECT session_id, sum(reported_tokens) AS tokens, sum(${REPORTED_TOKENS("task")}) AS countedTokens FROM task
       WHERE session_id IN (SELECT value FROM json_each(?)) AND reported_tokens IS NOT NULL GROUP BY session_id`,
    )
    .all(sessionIds);
}

function ledgerOf(groups: readonly CallGroup[]): ToldCalls {
  return groups.reduce(addGroup, NOTHING_TOLD);
}

/** What each witness told; a witness that told of no call is left out. */
function toldByEach(
  groups: readonly CallGroup[],
  dissents: readonly DissentGroup[],
): Partial<Record<CallWitness, ToldCalls>> {
  const told: Partial<Record<CallWitness, ToldCalls>> = {};
  for (const witness of REPORTERS) {
    const seen = groups.filter(({ witnesses }) => bitOf(witness, witnesses) !== undefined);
    if (seen.length === 0) continue;
    const own = dissents.filter((each) => each.witness === bitOf(witness, each.witnesses));
    told[witness] = own.reduce(correct, seen.reduce(addGroup, NOTHING_TOLD));
  }
  return told;
}

function toolCallsOf(groups: readonly ToolGroup[]): WitnessedSession["toolCalls"] {
  const told: Partial<Record<CallWitness, number>> = {};
  for (const { ranks, calls } of groups) {
    const { seenBy } = unpackToolRanks(ranks);
    for (const witness of REPORTERS) {
      if (bitOf(witness, seenBy) !== undefined) told[witness] = (told[witness] ?? 0) + calls;
    }
  }
  return { ledger: groups.reduce((sum, { calls }) => sum + calls, 0), told };
}

/** The bit that speaks for a witness in a set. */
function bitOf(witness: CallWitness, set: number): number | undefined {
  return BITS[witness].find((bit) => (set & bit) !== 0);
}

const NOTHING_TOLD: ToldCalls = Object.freeze({
  calls: 0,
  callsWithoutUsage: 0,
  tokens: Object.freeze({ input: 0, cacheRead: 0, cacheWrite: 0, output: 0 }),
  firstMillis: Number.MAX_SAFE_INTEGER,
  lastMillis: 0,
});

function addGroup(sum: ToldCalls, group: CallGroup): ToldCalls {
  return {
    calls: sum.calls + group.calls,
    callsWithoutUsage: sum.callsWithoutUsage + group.calls_without_usage,
    tokens: addSums(sum.tokens, group, 1),
    firstMillis: Math.min(sum.firstMillis, group.first_at),
    lastMillis: Math.max(sum.lastMillis, group.last_at),
  };
}

/** Puts what a witness said in the place of what the rows say. */
function correct(sum: ToldCalls, { row, told }: DissentGroup): ToldCalls {
  return {
    ...sum,
    callsWithoutUsage: sum.callsWithoutUsage - row.calls_without_usage + told.calls_without_usage,
    tokens: addSums(addSums(sum.tokens, row, -1), told, 1),
  };
}

function addSums(tokens: ToldTokens, sums: TokenSums, sign: 1 | -1): ToldTokens {
  return {
    input: tokens.input + sign * sums.input,
    cacheRead: tokens.cacheRead + sign * sums.cache_read,
    cacheWrite: tokens.cacheWrite + sign * sums.cache_write,
    output: tokens.output + sign * sums.output,
  };
}

function totalOf({ input, cacheRead, cacheWrite, output }: ToldTokens): number {
  return input + cacheRead + cacheWrite + output;
}
