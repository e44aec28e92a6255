/** What TypeScript must know of freshness.mjs, which is plain JavaScript because it runs before anything is installed. */
export const ROOT: string;
export function sourcesFingerprint(): string;
