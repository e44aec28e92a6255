/** What the benchmark's NAS is away, milliseconds. */
export const ROUND_TRIP_MS = 20;
