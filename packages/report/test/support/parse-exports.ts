/** Readers of the formats, written apart from the writers: strict, and with no code in common with them. */

/** Rows by header, after RFC 4180; throws where the text is not that. */
export function parseCsv(text: string): Record<string, string>[] {
  if (!text.startsWith("\ufeff")) throw new Error("no byte order mark");
  const records: string[][] = [[]];
  let at = 1;
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      for (at += 1; ; at++) {
        if (at >= text.length) throw new Error("a quoted cell has no end");
        if (text[at] !== '"') cell += text[at];
        else if (text[at + 1] === '"') {
          cell += '"';
          at += 1;
        } else break;
      }
      at += 1;
    } else {
      while (at < text.length && text[at] !== "," && text[at] !== "\r") {
        if (text[at] === '"' || text[at] === "\n") throw new Error(`a bare cell holds ${JSON.stringify(text[at])}`);
        cell += text[at];
        at += 1;
      }
    }
    records.at(-1)?.push(cell);
    if (text[at] === ",") at += 1;
    else if (text.startsWith("\r\n", at)) {
      at += 2;
      if (at < text.length) records.push([]);
    } else throw new Error(`a record ends with ${JSON.stringify(text.slice(at, at + 4))}`);
  }
  const [header = [], ...rows] = records;
  return rows.map((row) => {
    if (row.length !== header.length) throw new Error(`a row has ${row.length} cells, the header ${header.length}`);
    return Object.fromEntries(header.map((name, i) => [name, row[i] ?? ""]));
  });
}

/** A sample of an exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** As written; undefined without one. */
  readonly time: number | undefined;
}

/** An exposition: its samples, and what was said about each family, in order. */
export interface Exposition {
  readonly samples: readonly Sample[];
  readonly types: ReadonlyMap<string, string>;
  readonly units: ReadonlyMap<string, string>;
  readonly hasEof: boolean;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: (\S+))?$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)"(,|$)/;

/** Prometheus text 0.0.4 or OpenMetrics 1.0; throws where the text is neither. */
export function parseExposition(text: string): Exposition {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const units = new Map<string, string>();
  const seen = new Set<string>();
  let hasEof = false;
  let family = "";
  for (const line of text.split("\n").slice(0, -1)) {
    if (hasEof) throw new Error("a line behind # EOF");
    if (line === "# EOF") {
      hasEof = true;
      continue;
    }
    const [, word, name = "", rest = ""] = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line) ?? [];
    if (word !== undefined) {
      if (word === "TYPE") {
        if (types.has(name)) throw new Error(`two families ${name}`);
        types.set(name, rest);
        family = name;
      }
      if (word === "UNIT") units.set(name, rest);
      continue;
    }
    const [, sample, labelText = "", value = "", time] = SAMPLE.exec(line) ?? [];
    if (sample === undefined) throw new Error(`no sample: ${JSON.stringify(line)}`);
    if (!sample.startsWith(family)) throw new Error(`${sample} stands in the family ${family}`);
    const labels: Record<string, string> = Object.create(null);
    for (let left = labelText; left !== ""; ) {
      const [whole, label, text = ""] = LABEL.exec(left) ?? [];
      if (whole === undefined || label === undefined) throw new Error(`no label: ${JSON.stringify(left)}`);
      if (label in labels) throw new Error(`the label ${label} stands twice`);
      labels[label] = text.replace(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
      left = left.slice(whole.length);
    }
    const key = JSON.stringify([sample, labels, time]);
    if (seen.has(key)) throw new Error(`the sample ${key} stands twice`);
    seen.add(key);
    samples.push({ name: sample, labels, value: numberOf(value), time: time === undefined ? undefined : Number(time) });
  }
  return { samples, types, units, hasEof };
}

function numberOf(text: string): number {
  if (text === "NaN") return Number.NaN;
  const number = Number(text.replace(/^([+-])Inf$/, "$1Infinity"));
  if (Number.isNaN(number)) throw new Error(`no number: ${text}`);
  return number;
}

/** The sum of the samples of a name; with times, of the last one of each series. */
export function sumOfSamples(samples: readonly Sample[], name: string): number {
  const last = new Map<string, number>();
  for (const sample of samples) if (sample.name === name) last.set(JSON.stringify(sample.labels), sample.value);
  return [...last.values()].reduce((sum, value) => sum + value, 0);
}
