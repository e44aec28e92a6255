/** Milliseconds of the clock that all threads share: `performance.now()` counts in each from its own start. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
