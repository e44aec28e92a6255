import { startApi } from "../../api/main.ts";
import { loadNasProfiles } from "../../radius-edge/nas-profiles.ts";
import { parseAttributeText } from "../../radius-edge/wire/attribute-text.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { readVersion } from "../version.ts";
import { runRole } from "./role.ts";
import { openWayToMdms } from "./way-out.ts";

export async function runApi(env: NodeJS.ProcessEnv): Promise<number> {
  const config = loadConfig(env, "api");
  const log = createLog("api", config.logLevel);
  const radius = { profiles: loadNasProfiles().all, attributeFault };
  return runRole(log, async () => {
    const http = await openWayToMdms(config);
    const api = await startApi(config, { http, radius, log, version: readVersion() });
    return [
      { name: "API", close: () => api.close() },
      { name: "MDM connections", close: () => http.close() },
    ];
  });
}

function attributeFault(text: string): string | undefined {
  const parsed = parseAttributeText(text);
  return parsed.kind === "refused" ? parsed.sentence : undefined;
}
