import { ConfigError } from "../runtime/config.ts";
import { MasterKeyError } from "../runtime/master-keys.ts";
import { isDatabaseAway } from "../store/availability.ts";

/** What a command says when it fails, and its exit code. */
export interface Failure {
  readonly sentence: string;
  readonly exitCode: number;
}

const FAILED = 1;
/** sysexits(3), EX_CONFIG: starting again changes nothing until somebody changes the configuration. */
const MISCONFIGURED = 78;

/** The failure in one sentence. The stack is for those who debug us: it is added at log level `debug` and `trace`. */
export function explainFailure(error: unknown, logLevel: string | undefined): Failure {
  const isFault = error instanceof ConfigError || error instanceof MasterKeyError;
  const isDebugging = logLevel === "debug" || logLevel === "trace";
  const stack = isDebugging && error instanceof Error ? `\n${error.stack ?? ""}` : "";
  return { sentence: sentenceOf(error) + stack, exitCode: isFault ? MISCONFIGURED : FAILED };
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node gives the several attempts on one name an error without a message.
  const { code } = error as NodeJS.ErrnoException;
  const message = error.message === "" ? (code ?? error.name) : error.message;
  return isDatabaseAway(error) ? `Postgres (DATABASE_URL) does not answer: ${message}` : message;
}
