/** Maps the records of one transcript to facts. */
import { MAIN_AGENT, type TaskOutcome } from "@moai-metrics/model";
import type { LineRange } from "../transcript/read-transcript.ts";
import { MAX_BLOCKS_PER_LINE } from "./limits.ts";
import { mapModelCall, mapModelError } from "./map-model-call.ts";
import { createToolMapper } from "./map-tools.ts";
import type { MapperOptions, Sighting } from "./mapping.ts";
import { apiErrorOf, outcomeOfStop, SYNTHETIC_MODEL } from "./outcomes.ts";
import { type PromptTurn, rememberProject } from "./reading-state.ts";
import type { TranscriptRecord } from "./record.ts";
import { classifyUserText, TEXT_BEGINNING_BYTES } from "./user-text.ts";

/** Maps records in the order of the file. */
export interface RecordMapper {
  /** Ranges in the record point into `buffer`. */
  map(record: TranscriptRecord, buffer: Buffer, line: LineRange): void;
  /** Hands out the name that the side file gives, for a subagent that an earlier read has seen at work. */
  nameSubagent(): void;
  /** Hands out the tool calls that have no result yet, once each. */
  announceOpenTools(): void;
}

/** Creates a mapper; `state` and `facts` change as it maps. */
export function createRecordMapper(options: MapperOptions): RecordMapper {
  const { place, meta, state, facts, skip } = options;
  const tools = createToolMapper(options);

  const agentOf = (record: TranscriptRecord): string | undefined =>
    place.agentId !== undefined || record.isSidechain ? (record.agentId ?? place.agentId) : undefined;

  const isOfSubagent = (record: TranscriptRecord): boolean => place.agentId !== undefined || record.isSidechain;

  const sight = (record: TranscriptRecord, atMillis: number): Sighting => {
    const sessionId =
      given(record.requestSessionId) ?? given(record.forkedFromSessionId) ?? given(record.sessionId) ?? place.sessionId;
    const agentId = agentOf(record);
    let taskId: string | undefined;
    if (agentId !== undefined) taskId = `agent:${agentId}`;
    // A side line that names no agent is part of a subagent's run that we cannot tell: of no task, not of the turn.
    else if (!isOfSubagent(record)) taskId = state.turn?.taskId;
    return { record, atMillis, sessionId, taskId, witness: record.isSidechain ? "transcriptSidechain" : "transcript" };
  };

  const addSession = ({ record, sessionId, atMillis }: Sighting): void => {
    if (record.cwd !== undefined && record.cwd !== "") rememberProject(state, sessionId, record.cwd);
    facts.addSession({
      sessionId,
      atMillis,
      project: state.projects.get(sessionId),
      branch: given(record.gitBranch),
      version: given(record.version),
    });
  };

  /** The line shows its task at work. */
  const addTask = (sighting: Sighting, outcome?: TaskOutcome): void => {
    const { record, taskId, atMillis, sessionId } = sighting;
    if (taskId === undefined) return;
    if (isOfSubagent(record)) {
      facts.addTask({ taskId, sessionId, taskKind: "subagent", agent: meta?.agentType, atMillis, outcome });
      const isNested = (meta?.spawnDepth ?? 1) > 1;
      const agent = given(record.attributionAgent);
      const promptId = isNested ? undefined : given(record.promptId);
      if (agent !== undefined || promptId !== undefined) {
        const parentTaskId = promptId === undefined ? undefined : `prompt:${promptId}`;
        facts.addTaskHint({ taskId, sessionId, taskKind: "subagent", agent, parentTaskId });
      }
      if (place.agentId !== undefined) rememberSubagent(taskId, sessionId);
    } else if (state.turn !== undefined) {
      facts.addTask({
        taskId,
        sessionId: state.turn.sessionId,
        taskKind: "prompt",
        agent: MAIN_AGENT,
        atMillis,
        outcome,
      });
    }
  };

  const rememberSubagent = (taskId: string, sessionId: string): void => {
    const known = state.subagent;
    if (known?.taskId !== taskId || known.sessionId !== sessionId) state.subagent = { taskId, sessionId };
  };

  const nameSubagent = (): void => {
    if (state.subagent === undefined || meta?.agentType === undefined) return;
    facts.addTask({ ...state.subagent, taskKind: "subagent", agent: meta.agentType });
  };

  const beginTurn = (turn: PromptTurn): void => {
    state.command = undefined;
    state.turn = turn;
    facts.addTask({ ...turn, taskKind: "prompt", agent: MAIN_AGENT, atMillis: turn.startedAtMillis });
  };

  const turnOf = ({ record, sessionId, atMillis }: Sighting): PromptTurn | undefined => {
    const id = given(record.promptId) ?? given(record.forkedFromUuid) ?? given(record.uuid);
    if (id === undefined) skip("prompt without an id");
    return id === undefined ? undefined : { taskId: `prompt:${id}`, sessionId, startedAtMillis: atMillis };
  };

  /** The log and the hooks tell a turn of this id. */
  const hasOwnPrompt = (record: TranscriptRecord): boolean => {
    const promptId = given(record.promptId);
    return promptId !== undefined && `prompt:${promptId}` !== state.turn?.taskId;
  };

  const mapAssistant = (record: TranscriptRecord, line: LineRange, atMillis: number): void => {
    const errorType = apiErrorOf(record);
    const isFiller = errorType === undefined && record.model === SYNTHETIC_MODEL;
    // An answer of the model makes a slash command or a notification a turn.
    if (state.command !== undefined && !isFiller && !isOfSubagent(record)) beginTurn(state.command);
    const sighting = sight(record, atMillis);
    addSession(sighting);
    if (isFiller) return;
    if (errorType !== undefined) {
      addTask(sighting, { result: "failure", origin: "inferred", atMillis, errorType });
      const call = mapModelError(sighting, errorType);
      if (call === undefined) skip("error without an id");
      else facts.addModelCall(call);
      return;
    }
    addTask(sighting, outcomeOfStop(record.stopReason, atMillis));
    const call = mapModelCall(sighting);
    if (typeof call === "string") skip(call);
    else facts.addModelCall(call);
    for (const toolUse of record.toolUses) tools.open(sighting, toolUse, line);
  };

  const mapToolResults = (record: TranscriptRecord, buffer: Buffer, atMillis: number): void => {
    const promptId = given(record.promptId);
    // A file may begin in the middle of a turn: then its results are the first to name it.
    if (state.turn === undefined && promptId !== undefined && !isOfSubagent(record)) {
      const { sessionId } = sight(record, atMillis);
      beginTurn({ taskId: `prompt:${promptId}`, sessionId, startedAtMillis: atMillis });
    }
    const sighting = sight(record, atMillis);
    addSession(sighting);
    addTask(sighting);
    for (const result of record.toolResults) tools.close(sighting, result, buffer);
  };

  const mapUserText = (record: TranscriptRecord, buffer: Buffer, atMillis: number): void => {
    const sighting = sight(record, atMillis);
    addSession(sighting);
    const beginning = classifyUserText(textBeginning(buffer, record));
    // A notice may stand before what the user wrote, as a block of its own.
    const isBefore = beginning === "notice" || beginning === "notification";
    const means = isBefore && record.textBlocks > 1 ? "prompt" : beginning;
    if (means === "interrupt") {
      state.command = undefined;
      addTask(sighting, { result: "cancelled", origin: "reported", atMillis });
    } else if (isOfSubagent(record)) {
      addTask(sighting);
    } else if (means === "local") {
      state.command = undefined;
    } else if (!(record.isMeta || record.isCompactSummary || record.isVirtual)) {
      if (means === "prompt") {
        const turn = turnOf(sighting);
        if (turn !== undefined) beginTurn(turn);
      } else if (means === "command" || (means === "notification" && hasOwnPrompt(record))) {
        state.command = turnOf(sighting);
      }
    }
  };

  const map = (record: TranscriptRecord, buffer: Buffer, line: LineRange): void => {
    const { atMillis } = record;
    if (atMillis === undefined) {
      skip("unreadable line: bad timestamp");
    } else if (record.use === "system") {
      const sighting = sight(record, atMillis);
      addSession(sighting);
      if (record.subtype === "turn_duration") addTask(sighting);
    } else if (!record.hasMessage) {
      skip("unreadable line: no message");
    } else {
      skip(TOO_MANY_BLOCKS, record.blocksLeftOut);
      if (record.use === "assistant") mapAssistant(record, line, atMillis);
      else if (record.toolResults.length > 0 || record.hasToolUseResult) mapToolResults(record, buffer, atMillis);
      else mapUserText(record, buffer, atMillis);
    }
  };

  return { map, nameSubagent, announceOpenTools: tools.announce };
}

const TOO_MANY_BLOCKS = `message block beyond the first ${MAX_BLOCKS_PER_LINE} of its line`;

/** A text that says something. */
function given(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function textBeginning(buffer: Buffer, { text }: TranscriptRecord): string {
  return buffer.toString("latin1", text.start, Math.min(text.end, text.start + TEXT_BEGINNING_BYTES));
}
