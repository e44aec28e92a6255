import { secret } from "../../domain/secret.ts";
import { createLog } from "../../runtime/log.ts";

test("secrets are masked by type and by name", () => {
  const lines: string[] = [];
  const log = createLog("edge", "info", { write: (line) => void lines.push(line) });
  log.info(
    { account: { clientSecret: "hunter2", name: "UEM" }, password: "hunter2", nas: secret("hunter2") },
    "linked",
  );
  log.debug("not this one");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    name: "edge",
    level: "info",
    account: { clientSecret: "[redacted]", name: "UEM" },
    password: "[redacted]",
    nas: "[redacted]",
    msg: "linked",
  });
});
