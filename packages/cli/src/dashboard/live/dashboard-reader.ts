/** Reads the dashboard again and again, and no more of it than can have changed. Runs in a thread of its own. */
import { createZoneCalendar, QUARTER_HOUR_MILLIS, systemOffsetAt } from "@moai-metrics/model";
import {
  type Dashboard,
  type DashboardAnswers,
  type DashboardDetail,
  type DashboardQuestion,
  type DetailSubject,
  dashboardDetail,
  NOTHING_WATCHED,
  type Readings,
  readDashboard,
  readQueue,
  readWatched,
  toDashboard,
  type WatchedAnswers,
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
  /** Everything; the figures of the period only if they can have changed, what is watched from the second time on. */
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

/** What was watched last. */
interface Watched {
  readonly answers: WatchedAnswers;
  readonly dataVersion: number;
  readonly untilMillis: number;
}

/** What is watched is read no more often than this, as the receiver does. */
const WATCH_MILLIS = 30_000;

/** Creates the reader. */
export function createDashboardReader(
  store: Pick<Store, "ledger" | "query" | "dataVersion">,
  place: Omit<ReaderPlace, "path" | "intervalMillis" | "isOwnData" | "sources">,
): DashboardReader {
  const calendar = createZoneCalendar(place.timeZone, place.isSystemZone ? systemOffsetAt : undefined);
  let asked = place.question;
  let known: Known | undefined;
  /** `null`: nothing was read yet. The first frame does not wait for it. */
  let watched: Watched | null | undefined = null;
  let seenVersion = store.dataVersion();

  const questionAt = (nowMillis: number): Pick<Known, "question" | "warnings"> => {
    const { filter, warnings } = resolveFilter(asked.filter, store.ledger, place.workingFolder);
    return { question: { ...asked.choice, calendar, nowMillis, filter, config: place.config }, warnings };
  };

  const told = ({ answers, question, warnings }: Known, nowMillis: number, readings: Readings): ReadDashboard => ({
    dashboard: toDashboard(answers, { ...question, nowMillis }, readings),
    warnings,
  });

  const watch = (question: DashboardQuestion, dataVersion: number): WatchedAnswers => {
    const { nowMillis } = question;
    if (watched === null) {
      watched = undefined;
      return NOTHING_WATCHED;
    }
    if (watched === undefined || nowMillis >= watched.untilMillis) {
      watched = { answers: readWatched(store, question), dataVersion, untilMillis: nowMillis + WATCH_MILLIS };
    }
    return watched.answers;
  };

  const read: DashboardReader["read"] = (nowMillis, readings) => {
    const dataVersion = store.dataVersion();
    const quarterHour = Math.floor(nowMillis / QUARTER_HOUR_MILLIS);
    const isWatched = watched && (watched.dataVersion === dataVersion || nowMillis < watched.untilMillis);
    if (isWatched && known?.dataVersion === dataVersion && known.quarterHour === quarterHour)
      return readQueueOf(known, nowMillis, readings);
    const { question, warnings } = questionAt(nowMillis);
    const answers = readDashboard(store, question, watch(question, dataVersion));
    known = { answers, dataVersion, quarterHour, question, warnings };
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
      if (watched) watched = undefined;
    },
  };
}
