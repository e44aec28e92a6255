import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rollLog } from "../../../cli/supervisor/role-log.ts";

test("a large log moves aside, and the process that writes it goes on in the file that is left", async () => {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-log-"));
  const file = join(folder, "edge.log");
  rollLog(file);
  // Repeats each line that it hears, as a role writes: through a descriptor that was opened for it, once.
  const echo = "process.stdin.on('data', (line) => { process.stdout.write(line); process.send('written'); })";
  const role = spawn(process.execPath, ["-e", echo], { stdio: ["pipe", openSync(file, "a", 0o600), "inherit", "ipc"] });
  const write = async (line: string): Promise<void> => {
    role.stdin!.write(line);
    await once(role, "message");
  };
  try {
    await write("first\n");
    rollLog(file, 6);
    expect(existsSync(`${file}.1`)).toBe(false);
    await write("second\n");
    rollLog(file, 6);
    await write("third\n");
    expect(readFileSync(`${file}.1`, "utf8")).toBe("first\nsecond\n");
    expect(readFileSync(file, "utf8")).toBe("third\n");
    await write("fourth\n");
    rollLog(file, 6);
    expect(readFileSync(`${file}.1`, "utf8")).toBe("third\nfourth\n");
  } finally {
    role.kill();
    rmSync(folder, { recursive: true });
  }
});
