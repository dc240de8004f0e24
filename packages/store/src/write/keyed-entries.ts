/** Entries by product and natural key. A text of both would have to be made, and hashed, for every look-up. */
export interface KeyedEntries<T> {
  get(product: string, key: string): T | undefined;
  set(product: string, key: string, entry: T): void;
  delete(product: string, key: string): void;
  clear(): void;
}

export function createKeyedEntries<T>(): KeyedEntries<T> {
  const byProduct = new Map<string, Map<string, T>>();
  /** Facts come in runs of one product. */
  let lastProduct: string | undefined;
  let ofLast: Map<string, T> | undefined;
  const entriesOf = (product: string): Map<string, T> | undefined => {
    if (product !== lastProduct) {
      lastProduct = product;
      ofLast = byProduct.get(product);
    }
    return ofLast;
  };
  return {
    get: (product, key) => entriesOf(product)?.get(key),
    set(product, key, entry) {
      const entries = entriesOf(product);
      if (entries !== undefined) {
        entries.set(key, entry);
        return;
      }
      ofLast = new Map([[key, entry]]);
      byProduct.set(product, ofLast);
    },
    delete(product, key) {
      entriesOf(product)?.delete(key);
    },
    clear() {
      byProduct.clear();
      lastProduct = undefined;
      ofLast = undefined;
    },
  };
}
