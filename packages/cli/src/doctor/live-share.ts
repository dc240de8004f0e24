/** How many sessions and projects told what they did while they did it. */
import { DAY_MILLIS } from "@moai-metrics/model";
import type { CallWitness, LedgerReader, WitnessedSession } from "@moai-metrics/store";
import { type Finding, findingsAbout } from "./finding.ts";

/** One product's share, of sessions with model calls. */
export interface LiveShare {
  readonly product: string;
  readonly days: number;
  readonly sessions: number;
  readonly liveSessions: number;
  readonly projects: number;
  readonly liveProjects: number;
}

const DAYS = 7;
/** Who tells at the moment that it happens, and knows of tokens. */
const LIVE: readonly CallWitness[] = ["process", "log", "span"];

/** Counts, from the witnesses that the ledger remembers. Nothing is sent anywhere. */
export function liveShares(ledger: Pick<LedgerReader, "witnesses">, nowMillis: number): LiveShare[] {
  const range = { startMillis: nowMillis - DAYS * DAY_MILLIS, endMillis: nowMillis };
  const byProduct = Map.groupBy(ledger.witnesses({ range }), ({ product }) => product);
  return [...byProduct].map(([product, sessions]) => {
    const live = sessions.filter(isLive);
    return {
      product,
      days: DAYS,
      sessions: sessions.length,
      liveSessions: live.length,
      projects: projectsOf(sessions),
      liveProjects: projectsOf(live),
    };
  });
}

function isLive({ models }: WitnessedSession): boolean {
  return models.some(({ told }) => LIVE.some((witness) => told[witness] !== undefined));
}

function projectsOf(sessions: readonly WitnessedSession[]): number {
  return new Set(sessions.map(({ project }) => project)).size;
}

/** The shares in words. */
export function liveFindings(shares: readonly LiveShare[]): Finding[] {
  return shares.map(({ product, days, sessions, liveSessions, projects, liveProjects }) => {
    const { ok, note } = findingsAbout(product);
    const percent = Math.round((100 * liveSessions) / sessions);
    const text =
      `${liveSessions} of ${sessions} sessions (${percent}%) and ${liveProjects} of ${projects} projects ` +
      `of ${days} days told by telemetry`;
    return liveSessions === sessions
      ? ok("live", text)
      : note("live", text, "moai-metrics reconcile says what is missing");
  });
}
