/** Shapes: what many model calls have in common, kept once each so that a call's row stays small. */
import type { Database } from "better-sqlite3";

/** What a shape says. */
interface CallShape {
  /** Packed ranks of the witnesses, see rank-packing. */
  readonly ranks: number;
  readonly flags: number;
  /** Set of bits of `WITNESS_BITS`: who told of the call. */
  readonly witnesses: number;
  readonly modelId: number;
  readonly priceId: number;
  readonly errorTypeId: number;
}

/** Bits of `CallShape.flags`. Part of the file format. */
export const CALL_FLAGS = Object.freeze({
  /** The row lies where its response key belongs, and `other_key` is the request key; otherwise the other way round. */
  liesByResponse: 1,
  isReplay: 2,
  isFast: 4,
  isCostReported: 8,
  /** `model_call_dissent` holds what some of its witnesses said of its tokens. */
  hasDissents: 16,
  /** The call is the sum of calls inside of it, and does not count. */
  isSum: 32,
});

export interface CallShapes {
  /** The number of a shape; adds it when new. Must be called inside a write transaction. */
  idOf(shape: CallShape): number;
  /** @throws Error when there is no such shape. */
  byId(id: number): CallShape;
  /** Forgets what a rolled-back transaction may have added. */
  forget(): void;
}

type ShapeRow = readonly [
  id: number,
  ranks: number,
  flags: number,
  witnesses: number,
  modelId: number,
  priceId: number,
  errorTypeId: number,
];

export function createCallShapes(database: Database): CallShapes {
  const columns = "ranks, flags, witnesses, model_id, price_id, error_type_id";
  const select = database.prepare<[], ShapeRow>(`SELECT id, ${columns} FROM call_shape`).raw();
  const insert = database.prepare<number[]>(
    `INSERT INTO call_shape (${columns}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const ids = new Map<number, Map<number, Map<number, number>>>();
  const shapes = new Map<number, CallShape>();
  /** The last shape of each model: most calls of a model are alike. */
  const lastOfModel = new Map<number, CallShape & { readonly id: number }>();

  /** There are few of them, and other connections may add some. */
  const readAll = (): void => {
    for (const [id, ranks, flags, witnesses, modelId, priceId, errorTypeId] of select.iterate()) {
      const shape = { ranks, flags, witnesses, modelId, priceId, errorTypeId };
      const sameRanks = ids.get(ranks) ?? new Map<number, Map<number, number>>();
      ids.set(ranks, sameRanks);
      const sameModel = sameRanks.get(modelOf(shape)) ?? new Map<number, number>();
      sameRanks.set(modelOf(shape), sameModel);
      sameModel.set(restOf(shape), id);
      shapes.set(id, shape);
    }
  };

  return {
    idOf(shape) {
      const last = lastOfModel.get(shape.modelId);
      if (last !== undefined && isSameShape(last, shape)) return last.id;
      const find = (): number | undefined => ids.get(shape.ranks)?.get(modelOf(shape))?.get(restOf(shape));
      const known = find();
      if (known !== undefined) {
        lastOfModel.set(shape.modelId, { ...shape, id: known });
        return known;
      }
      insert.run(shape.ranks, shape.flags, shape.witnesses, shape.modelId, shape.priceId, shape.errorTypeId);
      readAll();
      const id = find();
      if (id === undefined) throw new Error(`The shape ${JSON.stringify(shape)} of a call was not stored.`);
      return id;
    },
    byId(id) {
      if (!shapes.has(id)) readAll();
      const shape = shapes.get(id);
      if (shape === undefined) throw new Error(`The ledger refers to call shape ${id}, which it does not hold.`);
      return shape;
    },
    forget() {
      ids.clear();
      shapes.clear();
      lastOfModel.clear();
    },
  };
}

function isSameShape(a: CallShape, b: CallShape): boolean {
  return (
    a.ranks === b.ranks &&
    a.flags === b.flags &&
    a.witnesses === b.witnesses &&
    a.modelId === b.modelId &&
    a.priceId === b.priceId &&
    a.errorTypeId === b.errorTypeId
  );
}

/** Model and witnesses in one number: 37 bits for a model, 16 for the set. */
function modelOf({ modelId, witnesses }: CallShape): number {
  return modelId * 2 ** 16 + witnesses;
}

/** What is left in one number: six bits, 22 bits for a price and 25 for an error type, of which there are few. */
function restOf({ flags, priceId, errorTypeId }: CallShape): number {
  return (errorTypeId * 2 ** 22 + priceId) * 64 + flags;
}
