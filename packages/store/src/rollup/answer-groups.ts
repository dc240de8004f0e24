/** Which group a fact's dimensions belong to, after the filter. */
import type { BlockKeys } from "./block-keys.ts";
import { dimensionsOnMargin, type Margin, numberOfMargin } from "./margins.ts";
import type { RollupDimensions, RollupQuestion } from "./types.ts";

/** Per dimension, the numbers that pass; undefined: all pass. */
export type DimensionFilter = Readonly<Record<keyof RollupDimensions, ReadonlySet<number> | undefined>>;

/** Groups of an answer, numbered from 0 in the order in which they were first met. */
export interface AnswerGroups {
  /** String numbers of each group, in the order of `groupBy`. */
  readonly ids: readonly (readonly number[])[];
  /** The group; -1 when the filter leaves it out. */
  groupOf(productId: number, projectId: number, agentId: number, modelId: number): number;
  /** Whether the filter lets any group of a project in. */
  hasProject(projectId: number): boolean;
  /** The group of each cell of a block. */
  ofBlock(keys: BlockKeys): Int32Array;
  /** The same for a block of margins: those along another one have none. */
  ofMargins(keys: BlockKeys, margin: Margin): Int32Array;
}

const DIMENSION_FIELDS = { product: "productId", project: "projectId", agent: "agentId", model: "modelId" } as const;

export function createAnswerGroups(groupBy: RollupQuestion["groupBy"], filter: DimensionFilter): AnswerGroups {
  const fields = groupBy.map((dimension) => DIMENSION_FIELDS[dimension]);
  const ids: (readonly number[])[] = [];
  const numbers = new Map<string, number>();
  /** Groups by model, by the other dimensions: neighbours in a block mostly differ in their model alone. */
  const byDimensions = new Map<number | string, Map<number, number>>();
  /** Along the margin that is read: one question reads one. */
  const byValue = new Map<number, number>();

  const passes = (dimensions: RollupDimensions): boolean =>
    (filter.productId?.has(dimensions.productId) ?? true) &&
    (filter.projectId?.has(dimensions.projectId) ?? true) &&
    (filter.agentId?.has(dimensions.agentId) ?? true) &&
    (filter.modelId?.has(dimensions.modelId) ?? true);

  const find = (dimensions: RollupDimensions): number => {
    if (!passes(dimensions)) return -1;
    const own = fields.map((field) => dimensions[field]);
    const name = own.join("|");
    let group = numbers.get(name);
    if (group === undefined) {
      group = ids.length;
      ids.push(own);
      numbers.set(name, group);
    }
    return group;
  };

  const byModelOf = (productId: number, projectId: number, agentId: number): Map<number, number> => {
    const key = keyOf(productId, projectId, agentId);
    let byModel = byDimensions.get(key);
    if (byModel === undefined) {
      byModel = new Map();
      byDimensions.set(key, byModel);
    }
    return byModel;
  };

  return {
    ids,
    groupOf(productId, projectId, agentId, modelId) {
      const byModel = byModelOf(productId, projectId, agentId);
      let group = byModel.get(modelId);
      if (group === undefined) {
        group = find({ productId, projectId, agentId, modelId });
        byModel.set(modelId, group);
      }
      return group;
    },
    hasProject: (projectId) => filter.projectId?.has(projectId) ?? true,
    ofBlock({ cellCount, ids: own }) {
      const groups = new Int32Array(cellCount);
      let [productId, projectId, agentId] = [-1, -1, -1];
      let byModel = new Map<number, number>();
      for (let cell = 0; cell < cellCount; cell++) {
        const i = cell * 4;
        if (own[i] !== productId || own[i + 1] !== projectId || own[i + 2] !== agentId) {
          productId = own[i] as number;
          projectId = own[i + 1] as number;
          agentId = own[i + 2] as number;
          byModel = byModelOf(productId, projectId, agentId);
        }
        const modelId = own[i + 3] as number;
        let group = byModel.get(modelId);
        if (group === undefined) {
          group = find({ productId, projectId, agentId, modelId });
          byModel.set(modelId, group);
        }
        groups[cell] = group;
      }
      return groups;
    },
    ofMargins({ cellCount, ids: own }, margin) {
      const groups = new Int32Array(cellCount).fill(-1);
      const number = numberOfMargin(margin);
      for (let cell = 0; cell < cellCount; cell++) {
        if (own[cell * 4] !== number) continue;
        const value = own[cell * 4 + 1] as number;
        let group = byValue.get(value);
        if (group === undefined) {
          group = find(dimensionsOnMargin(margin, value));
          byValue.set(value, group);
        }
        groups[cell] = group;
      }
      return groups;
    },
  };
}

/** Numbers below this leave room for three of them in one. */
const SHORT_ID = 2 ** 17;

function keyOf(productId: number, projectId: number, agentId: number): number | string {
  const areShort = productId < SHORT_ID && projectId < SHORT_ID && agentId < SHORT_ID;
  return areShort ? (productId * SHORT_ID + projectId) * SHORT_ID + agentId : `${productId}|${projectId}|${agentId}`;
}
