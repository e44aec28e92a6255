import { parseMac } from "../../domain/mac-address.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import { searchClients } from "../../store/clients.ts";
import { countClients } from "../../store/counts.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { mistOperation } from "../operation.ts";
import { ClientCount, ClientFilter, ClientPage } from "../schemas/client.ts";
import { Count, OrganizationPath, ref } from "../schemas/common.ts";
import { clientFilter, mistClient } from "../shapes/client.ts";
import { countAnswer } from "../shapes/count.ts";
import { nextPage, readCursor } from "../shapes/cursor.ts";
import { present, seconds } from "../shapes/present.ts";
import { readWindow } from "../shapes/window.ts";

const tags = ["clients"];

/** Mist's nac_clients: endpoints by their last authentication. */
export function clientRoutes(app: Api, { store, now }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/nac_clients/search",
    mistOperation({
      operationId: "searchClients",
      summary: "Clients, last seen first",
      tags,
      params: OrganizationPath,
      querystring: ClientFilter,
      answer: ref(ClientPage),
    }),
    async ({ caller, query, url }) => {
      const { limit = 100 } = query;
      const window = readWindow(query, now());
      const after = readCursor(query.search_after);
      const before = after && { lastSeenAt: after.at, mac: parseMac(after.key) as MacAddress };
      const filter = { ...clientFilter(query, window), limit, before };
      const { clients, total, next } = await searchClients(store, caller.organizationId, filter);
      return present({
        start: seconds(window.start),
        end: seconds(window.end),
        limit,
        total,
        next: nextPage(url, window, next && { at: next.lastSeenAt, key: next.mac }),
        results: clients.map(mistClient),
      });
    },
  );

  app.get(
    "/orgs/:org_id/nac_clients/count",
    mistOperation({
      operationId: "countClients",
      summary: "How many clients share a value; by last_status unless told",
      tags,
      params: OrganizationPath,
      querystring: ClientCount,
      answer: ref(Count),
    }),
    async ({ caller, query }) => {
      const { distinct = "last_status" } = query;
      const window = readWindow(query, now());
      const filter = clientFilter(query, window);
      const tallies = await countClients(store, caller.organizationId, filter, distinct);
      return countAnswer(distinct, window, query.limit, tallies);
    },
  );
}
