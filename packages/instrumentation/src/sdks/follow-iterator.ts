/** Watches the steps of an async iterator. */

/** What happens to it. None of this may throw. */
export interface IteratorObserver {
  chunk(value: unknown): void;
  ended(): void;
  failed(error: unknown): void;
  /** Its reader has left before the end. */
  left(): void;
}

type Step = Promise<IteratorResult<unknown, unknown>>;

/** An iterator of the same steps, which tells `observer` of them. */
export function followIterator(
  iterator: AsyncIterator<unknown>,
  observer: IteratorObserver,
): AsyncIterableIterator<unknown> {
  const onStep = (result: IteratorResult<unknown, unknown>): IteratorResult<unknown, unknown> => {
    if (result.done === true) observer.ended();
    else observer.chunk(result.value);
    return result;
  };
  const onError = (error: unknown): never => {
    observer.failed(error);
    throw error;
  };
  const followed: AsyncIterableIterator<unknown> = {
    next: (...args): Step => iterator.next(...args).then(onStep, onError),
    return: (value): Step => {
      observer.left();
      return iterator.return?.(value) ?? Promise.resolve({ done: true, value });
    },
    throw: (error): Step => {
      observer.failed(error);
      return iterator.throw?.(error) ?? Promise.reject(error);
    },
    [Symbol.asyncIterator]: () => followed,
  };
  return followed;
}
