import type { MdmApp } from "../mdm-server.ts";
import { send, stampVersion } from "./answer.ts";

/** Field names from terraform-sdk-uem's mock of the endpoint (Apache-2.0); clients use it to test a connection. */
export function systemRoutes(app: MdmApp): void {
  app.get("/system/info", async (request, reply) => {
    stampVersion(request, reply, [1, 2]);
    const info = { ProductName: "Workspace ONE UEM", Version: "24.10.0.0", Build: "24100000", ApiVersion: "v2" };
    return send(request, reply, "SystemInfo", info);
  });
}
