import { spawn } from "node:child_process";
import { join } from "node:path";

const SCRIPT = `cat >/dev/null
pid=$(head -n 1 "$1" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null && while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
rm -rf -- "$2"`;

/**
 * A tiny process that waits for the end of this one, however it ends (kill -9 included), then stops the server whose
 * process number `pidFile` begins with (the Postgres in `stateFolder` unless told) and removes the folder: it reads a pipe
 * whose only writer we are. A crashed run so leaves nothing behind.
 */
export function guard(
  stateFolder: string,
  pidFile = join(stateFolder, "postgres", "data", "postmaster.pid"),
): { dismiss(): void } {
  const guardian = spawn("/bin/sh", ["-c", SCRIPT, "guardian", pidFile, stateFolder], {
    detached: true, // a Ctrl-C must not end the one who cleans up after it
    stdio: ["pipe", "ignore", "ignore"],
  });
  guardian.unref();
  return { dismiss: () => guardian.stdin.end() };
}
