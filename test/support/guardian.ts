import { spawn } from "node:child_process";

/**
 * A tiny process that waits for the end of this one, however it ends (kill -9 included), then stops process `pid` and
 * removes `folder`: it reads a pipe whose only writer we are. A crashed test run so leaves nothing behind.
 */
export function guard(pid: number, folder: string): { dismiss(): void } {
  const script =
    'cat >/dev/null; kill -QUIT "$1" 2>/dev/null; while kill -0 "$1" 2>/dev/null; do sleep 0.1; done; rm -rf -- "$2"';
  const guardian = spawn("/bin/sh", ["-c", script, "guardian", String(pid), folder], {
    detached: true, // a Ctrl-C must not end the one who cleans up after it
    stdio: ["pipe", "ignore", "ignore"],
  });
  guardian.unref();
  return { dismiss: () => guardian.stdin.end() };
}
