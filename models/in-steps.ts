/** Long work that pauses now and then, and its result. */
export type InSteps<T> = Generator<void, T>;

/** Does all of it without a pause. */
export function atOnce<T>(work: InSteps<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
