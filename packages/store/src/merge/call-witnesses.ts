/** Who has told of a model call, and what of it the merged call does not say. Pure. */
import { compareToldTokens, type TokenUsage, type ToldTokens, toldTokens } from "@moai-metrics/model";

/** What a witness said of the tokens of a call where that is not what the merged call says. */
export interface Dissent {
  /** One bit of `WITNESS_BITS`. */
  readonly witness: number;
  /** Undefined: it told of the call without usage. */
  readonly tokens: ToldTokens | undefined;
}

/** The witnesses of a call. Every one in the set without a dissent said what the merged call says. */
export interface CallWitnesses {
  /** Set of bits of `WITNESS_BITS`. */
  readonly seenBy: number;
  /** In the order of their bits. */
  readonly dissents: readonly Dissent[];
}

/** A call as far as its witnesses go. */
interface WitnessedCall {
  readonly witnesses: CallWitnesses;
  readonly usage: { readonly value: { readonly tokens: TokenUsage; readonly isSum: boolean } } | undefined;
}

export const NO_DISSENTS: readonly Dissent[] = Object.freeze([]);

/**
 * The witnesses of two reports of one call. Of several reports of one witness the greater counts, so that a witness
 * that is heard twice says no more than one that is heard once.
 *
 * @param merged the tokens of the merged call.
 */
export function mergeWitnesses(a: WitnessedCall, b: WitnessedCall, merged: TokenUsage | undefined): CallWitnesses {
  const seenBy = a.witnesses.seenBy | b.witnesses.seenBy;
  const told = merged && toldTokens(merged);
  const isUnanimous = ({ witnesses, usage }: WitnessedCall): boolean =>
    witnesses.dissents.length === 0 && (usage?.value.tokens === merged || isSame(toldIn(usage), told));
  const dissents = isUnanimous(a) && isUnanimous(b) ? NO_DISSENTS : dissentsOf(a, b, seenBy, told);
  return pickSame(a.witnesses, seenBy, dissents) ?? pickSame(b.witnesses, seenBy, dissents) ?? { seenBy, dissents };
}

function dissentsOf(a: WitnessedCall, b: WitnessedCall, seenBy: number, merged: ToldTokens | undefined): Dissent[] {
  const dissents: Dissent[] = [];
  for (let witness = 1; witness <= seenBy; witness *= 2) {
    if ((seenBy & witness) === 0) continue;
    const reports = [a, b].filter(({ witnesses }) => (witnesses.seenBy & witness) !== 0);
    const told = reports.map((call) => toldBy(call, witness)).filter((tokens) => tokens !== undefined);
    const tokens = told.toSorted(compareToldTokens).at(-1);
    if (!isSame(tokens, merged)) dissents.push({ witness, tokens });
  }
  return dissents;
}

function toldBy({ witnesses, usage }: WitnessedCall, witness: number): ToldTokens | undefined {
  const dissent = witnesses.dissents.find((each) => each.witness === witness);
  return dissent === undefined ? toldIn(usage) : dissent.tokens;
}

function toldIn(usage: WitnessedCall["usage"]): ToldTokens | undefined {
  return usage === undefined || usage.value.isSum ? undefined : toldTokens(usage.value.tokens);
}

function isSame(a: ToldTokens | undefined, b: ToldTokens | undefined): boolean {
  return a === undefined || b === undefined ? a === b : compareToldTokens(a, b) === 0;
}

/** The very object where nothing changed: so it is seen that a report brings nothing new. */
function pickSame(known: CallWitnesses, seenBy: number, dissents: readonly Dissent[]): CallWitnesses | undefined {
  const isKnown = (dissent: Dissent, at: number): boolean => {
    const other = dissents[at];
    return other !== undefined && dissent.witness === other.witness && isSame(dissent.tokens, other.tokens);
  };
  if (known.seenBy !== seenBy || known.dissents.length !== dissents.length) return undefined;
  return known.dissents.every(isKnown) ? known : undefined;
}
