/** Reads the dashboard again and again, and no more of it than can have changed. Runs in a thread of its own. */
import { createZoneCalendar, QUARTER_HOUR_MILLIS, systemOffsetAt } from "@moai-metrics/model";
import {
  type Dashboard,
  type DashboardAnswers,
  type DashboardDetail,
  type DashboardQuestion,
  type DetailSubject,
  dashboardDetail,
  type Readings,
  readDashboard,
  readQueue,
  toDashboard,
} from "@moai-metrics/report";
import type { Store } from "@moai-metrics/store";
import { resolveFilter } from "../../flags/filter.ts";
import type { ReaderPlace, ReaderQuestion } from "./messages.ts";

/** A dashboard, and what the user should know about the filter. */
interface ReadDashboard {
  readonly dashboard: Dashboard;
  readonly warnings: readonly string[];
}

/** Reads from one open store. */
export interface DashboardReader {
  /** Whether someone wrote since the last call. Takes microseconds. */
  hasChanged(): boolean;
  /** Everything; the figures of the period only if they can have changed. */
  read(nowMillis: number, readings: Readings): ReadDashboard;
  /** What runs now; the rest as it was read last. */
  readQueue(nowMillis: number, readings: Readings): ReadDashboard;
  readDetail(nowMillis: number, subject: DetailSubject): DashboardDetail;
  /** Wants something else from now on. */
  ask(question: ReaderQuestion): void;
}

/** What the last answers were read from. */
interface Known {
  readonly answers: DashboardAnswers;
  readonly dataVersion: number;
  readonly quarterHour: number;
  readonly question: DashboardQuestion;
  readonly warnings: readonly string[];
}

/** Creates the reader. */
export function createDashboardReader(
  store: Pick<Store, "ledger" | "query" | "dataVersion">,
  place: Omit<ReaderPlace, "path" | "intervalMillis" | "isOwnData" | "sources">,
): DashboardReader {
  const calendar = createZoneCalendar(place.timeZone, place.isSystemZone ? systemOffsetAt : undefined);
  let asked = place.question;
  let known: Known | undefined;
  let seenVersion = store.dataVersion();

  const questionAt = (nowMillis: number): Pick<Known, "question" | "warnings"> => {
    const { filter, warnings } = resolveFilter(asked.filter, store.ledger, place.workingFolder);
    return { question: { ...asked.choice, calendar, nowMillis, filter, config: place.config }, warnings };
  };

  const told = ({ answers, question, warnings }: Known, nowMillis: number, readings: Readings): ReadDashboard => ({
    dashboard: toDashboard(answers, { ...question, nowMillis }, readings),
    warnings,
  });

  const read: DashboardReader["read"] = (nowMillis, readings) => {
    const dataVersion = store.dataVersion();
    const quarterHour = Math.floor(nowMillis / QUARTER_HOUR_MILLIS);
    if (known?.dataVersion === dataVersion && known.quarterHour === quarterHour)
      return readQueueOf(known, nowMillis, readings);
    const { question, warnings } = questionAt(nowMillis);
    known = { answers: readDashboard(store, question), dataVersion, quarterHour, question, warnings };
    return told(known, nowMillis, readings);
  };

  /** Ages go on while nothing is written. */
  const readQueueOf = (before: Known, nowMillis: number, readings: Readings): ReadDashboard => {
    const answers = readQueue(store, { ...before.question, nowMillis }, before.answers);
    known = { ...before, answers };
    return told(known, nowMillis, readings);
  };

  return {
    hasChanged: () => {
      const version = store.dataVersion();
      if (version === seenVersion) return false;
      seenVersion = version;
      return true;
    },
    read,
    readQueue: (nowMillis, readings) =>
      known === undefined ? read(nowMillis, readings) : readQueueOf(known, nowMillis, readings),
    readDetail: (nowMillis, subject) => dashboardDetail(store, questionAt(nowMillis).question, subject),
    ask: (question) => {
      asked = question;
      known = undefined;
    },
  };
}
