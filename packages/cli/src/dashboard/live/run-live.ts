/** Runs the dashboard on a terminal until it is left. */
import type { ProcessReading, ReceiverReading } from "@moai-metrics/report";
import type { MetricsConfig } from "@moai-metrics/settings";
import type { CliContext } from "../../context.ts";
import type { DashboardFlags } from "../dashboard-flags.ts";
import { createProcessReadings } from "../readings/process-readings.ts";
import { createReceiverReadings } from "../readings/receiver-readings.ts";
import { initialState } from "../state.ts";
import { createGarbageCollection } from "./collect-garbage.ts";
import { holdScreen } from "./held-screen.ts";
import { keepSmall } from "./keep-small.ts";
import { loadScreen } from "./load-screen.ts";
import type { ReaderPlace, SourcePlace } from "./messages.ts";
import { type ReaderThread, startReaderThread } from "./reader-thread.ts";
import { createSession, questionOf } from "./session.ts";
import type { TerminalStreams } from "./show-app.ts";

/** Where the data is. */
export interface LivePlace {
  readonly path: string;
  /** Undefined for data that is not the user's own. */
  readonly storage: string | undefined;
}

/** Draws until the user leaves; the terminal is as it was before, whatever happens. */
export async function runLive(
  context: CliContext,
  flags: DashboardFlags,
  place: LivePlace,
  terminal: TerminalStreams = process,
): Promise<void> {
  const { environment } = context;
  const { config } = await context.loadConfig(flags);
  const timeZone = flags.timezone ?? environment.timeZone;
  const { columns, rows } = environment;
  const start = initialState({
    ...{ columns, rows, period: flags.period, groupBy: flags.groupBy, trendUnit: flags.by },
    label: context.dataLabel,
  });
  const intervalMillis = flags.interval * 1_000;
  const session = createSession(start, flags, {
    ask: (question) => reader?.say({ kind: "question", question }),
    write: async (state) => {
      const { writeView } = await import("./write-view.ts");
      return writeView(state, environment.workingFolder);
    },
  });
  const collectGarbage = createGarbageCollection();
  const from = sourcesOf(context, config, place);
  const sources = watchSources(place.storage, intervalMillis, (reading, process) => {
    const isReceived = reading?.state === "running" || reading?.state === "cannot write";
    const isTaking = !isReceived && from !== undefined;
    reader?.say({ kind: "taking_in", isOn: isTaking });
    reader?.say({ kind: "readings", receiver: reading, process });
    session.setSource(isReceived ? "receiver" : isTaking ? "tail" : "nothing");
    keepSmall();
    collectGarbage();
  });
  const readerPlace: ReaderPlace = {
    ...{ path: place.path, config, timeZone, isSystemZone: timeZone === environment.timeZone, intervalMillis },
    ...{ workingFolder: environment.workingFolder, isOwnData: place.storage !== undefined },
    ...{ question: questionOf(start, flags), sources: from },
  };
  const [{ drawFirstFrame }, { createPalette }] = await Promise.all([
    import("./first-frame.ts"),
    import("@moai-metrics/report/screen"),
  ]);
  const palette = createPalette(environment.isColoured && flags.color);
  const screen = holdScreen(terminal);
  let failure: unknown;
  let reader: ReaderThread | undefined;
  try {
    drawFirstFrame(screen, { session, place: readerPlace, palette, now: context.now });
    // It reads while this thread loads what draws.
    reader = startReaderThread(readerPlace, {
      onMessage: (message) => {
        session.take(message);
        // Figures come first: what follows takes the processor, too.
        sources.start();
      },
      onError: (error) => {
        failure = error;
        session.end();
      },
    });
    const { showApp } = await loadScreen();
    await showApp(session, palette, screen.streams, screen.release);
  } finally {
    screen.leave();
    await Promise.all([sources.stop(), failure === undefined ? reader?.stop() : undefined]);
  }
  if (failure !== undefined) throw failure;
}

/** Undefined where nothing is to be collected, or the data is not the user's own. */
function sourcesOf(
  { environment }: CliContext,
  config: MetricsConfig,
  { storage }: LivePlace,
): SourcePlace | undefined {
  if (storage === undefined || environment.isDisabled || !config.isEnabled) return undefined;
  return { storage, environment: { ...environment.variables }, homeFolder: environment.homeFolder };
}

/** Asks the receiver how it is, and this process, again and again. */
function watchSources(
  storage: string | undefined,
  intervalMillis: number,
  onReadings: (receiver: ReceiverReading | null, process: ProcessReading) => void,
): { start(): void; stop(): Promise<void> } {
  const receiver = storage === undefined ? undefined : createReceiverReadings(storage);
  const readProcess = createProcessReadings();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;

  const look = async (): Promise<void> => {
    const reading = (await receiver?.read()) ?? null;
    if (!isStopped) onReadings(reading, readProcess());
  };
  const next = (): void => {
    running = look().finally(() => {
      if (!isStopped) timer = setTimeout(next, intervalMillis);
    });
  };
  return {
    start: () => {
      if (running === undefined && !isStopped) next();
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
