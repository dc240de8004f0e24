/** What a settings file says of telemetry and hooks. Pure. */
import { type FormatName, SETTINGS_FORMATS } from "../init/edit/settings-format.ts";
import type { FileState } from "../init/file-state.ts";
import { type Hook, saysWish, type Wish } from "../init/plan-settings.ts";
import { nameOf } from "../init/show-changes.ts";
import { type Finding, findingsAbout } from "./finding.ts";

/** A settings file, and what `init` would want of it. */
export interface SettingsQuestion {
  readonly about: string;
  readonly path: string;
  readonly format: FormatName;
  readonly wishes: readonly Wish[];
  /** The same hooks in their other form. */
  readonly otherHooks: readonly Wish[];
  readonly isReceiving: boolean;
  readonly state: FileState;
  /** `init` has told why something is left alone. */
  readonly hasRefusal: boolean;
}

/** What a settings file says. */
export interface JudgedSettings {
  readonly findings: readonly Finding[];
  readonly isWired: boolean;
  /** Its hooks run our script. */
  readonly callsScript: boolean;
}

/** Judges one file. */
export function judgeSettings(question: SettingsQuestion): JudgedSettings {
  const { about, path, format, wishes, state } = question;
  const { problem } = findingsAbout(about);
  const reason = state.problem ?? (state.text === undefined ? undefined : SETTINGS_FORMATS[format].problem(state.text));
  if (reason !== undefined) {
    return {
      findings: [problem("settings", `${path}: ${reason}`, "Mend the file.")],
      isWired: false,
      callsScript: false,
    };
  }
  const text = state.text ?? SETTINGS_FORMATS[format].emptyText;
  const values = wishes.filter(({ kind }) => kind === "value");
  const missingValues = values.filter((wish) => !saysWish(text, format, wish));
  const hooks = formInUse(question, text);
  const { wanted, missing, hook } = hooks;
  const unknown = hook === undefined ? [] : unknownEvents(text, format, hook, wanted);
  return {
    findings: [
      ...telemetryFindings(question, values, missingValues),
      ...hookFindings(question, hooks),
      ...unknown.map((event) =>
        problem(
          "hooks",
          `${path} has a hook for ${event}, which the installed version does not know`,
          "moai-metrics init",
        ),
      ),
    ],
    isWired: values.length > 0 && missingValues.length < values.length,
    callsScript: hook?.type === "command" && missing.length < wanted.length,
  };
}

interface HooksInUse {
  readonly wanted: readonly Wish[];
  readonly missing: readonly Wish[];
  readonly hook: Hook | undefined;
}

/** Of the two forms of our hooks the one that more of the file has. */
function formInUse({ wishes, otherHooks, format }: SettingsQuestion, text: string): HooksInUse {
  const forms = [wishes.filter(({ kind }) => kind === "hook"), otherHooks].map((wanted) => {
    const [first] = wanted;
    const missing = wanted.filter((wish) => !saysWish(text, format, wish));
    return { wanted, missing, hook: first?.kind === "hook" ? first.hook : undefined };
  });
  return forms.reduce((best, form) => (form.missing.length < best.missing.length ? form : best));
}

function telemetryFindings(
  { about, path }: SettingsQuestion,
  values: readonly Wish[],
  missing: readonly Wish[],
): Finding[] {
  const { ok, note, problem } = findingsAbout(about);
  if (values.length === 0) return [];
  if (missing.length === 0) return [ok("telemetry", `is wired in ${path}`)];
  if (missing.length === values.length) {
    return [
      note("telemetry", `is not wired in ${path}: only transcripts and hooks tell`, "moai-metrics init --service"),
    ];
  }
  return [
    problem("telemetry", `is wired in part in ${path}: without ${missing.map(nameOf).join(", ")}`, "moai-metrics init"),
  ];
}

function hookFindings({ about, path, hasRefusal, isReceiving }: SettingsQuestion, hooks: HooksInUse): Finding[] {
  const { ok, note, problem } = findingsAbout(about);
  const { wanted, missing, hook } = hooks;
  if (wanted.length === 0) {
    return hasRefusal || !path.endsWith("settings.local.json") ? [] : [ok("hooks", "are in your own settings")];
  }
  if (hook?.type === "http" && missing.length < wanted.length && !isReceiving) {
    return [problem("hooks", `${path} sends them to ${hook.url}, where nobody receives them`, "moai-metrics init")];
  }
  if (missing.length === 0) return [ok("hooks", `${wanted.length} in ${path}`)];
  return [note("hooks", `${missing.length} of ${wanted.length} are not in ${path}`, "moai-metrics init")];
}

/** Events for which the file has a hook of ours, and `init` would have none. */
function unknownEvents(text: string, format: FormatName, hook: Hook, wanted: readonly Wish[]): string[] {
  const events = SETTINGS_FORMATS[format].at(text, ["hooks"]);
  return Object.keys(typeof events === "object" && events !== null ? events : {}).filter(
    (event) =>
      !wanted.some((wish) => wish.kind === "hook" && wish.event === event) &&
      saysWish(text, format, { kind: "hook", event, hook }),
  );
}
