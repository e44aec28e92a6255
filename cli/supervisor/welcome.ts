import { join, relative } from "node:path";
import type { Endpoints } from "./endpoints.ts";

/** What a newcomer needs to know once everything answers. */
export function welcome(endpoints: Endpoints, stateFolder: string): readonly string[] {
  const { api, temporal, temporalUi, authentication, accounting } = endpoints;
  const folder = shorter(stateFolder);
  return [
    "",
    "Portcullis answers.",
    `  API and its documentation  ${api}/docs`,
    `  Admin token                ${join(folder, "token")}`,
    `  RADIUS                     ${authentication} (authentication), ${accounting} (accounting)`,
    `  Temporal                   ${temporalUi ?? temporal}`,
    `  All addresses              ${join(folder, "endpoints.json")}`,
    `  Logs                       ${join(folder, "logs")}`,
    "",
  ];
}

/** From where the reader stands, where that is shorter. */
function shorter(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere !== "" && fromHere.length < path.length ? fromHere : path;
}
