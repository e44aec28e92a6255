import type { EventId } from "../../domain/identifiers.ts";
import { countEvents } from "../../store/counts.ts";
import { searchEvents } from "../../store/events.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { mistOperation } from "../operation.ts";
import { Count, OrganizationPath, ref } from "../schemas/common.ts";
import { EventCount, EventFilter, EventPage } from "../schemas/event.ts";
import { countAnswer } from "../shapes/count.ts";
import { nextPage, readCursor } from "../shapes/cursor.ts";
import { eventFilter, mistEvent } from "../shapes/event.ts";
import { present, seconds } from "../shapes/present.ts";
import { readWindow } from "../shapes/window.ts";

const tags = ["clients"];

/** What happened to clients, latest first. */
export function eventRoutes(app: Api, { store, now }: ApiDependencies): void {
  app.get(
    "/orgs/:org_id/nac_clients/events/search",
    mistOperation({
      operationId: "searchEvents",
      summary: "Events of clients, latest first",
      tags,
      params: OrganizationPath,
      querystring: EventFilter,
      answer: ref(EventPage),
    }),
    async ({ caller: { organizationId }, query, url }) => {
      const { limit = 100 } = query;
      const window = readWindow(query, now());
      const filter = eventFilter(query, window);
      const after = readCursor(query.search_after);
      const before = after && { at: after.at, id: after.key as EventId };
      const [page, tallies] = await Promise.all([
        searchEvents(store, organizationId, { ...filter, limit, before }),
        countEvents(store, organizationId, filter, "type"),
      ]);
      return present({
        start: seconds(window.start),
        end: seconds(window.end),
        limit,
        total: tallies.reduce((sum, { count }) => sum + count, 0),
        next: nextPage(url, window, page.next && { at: page.next.at, key: page.next.id }),
        results: page.events.map(mistEvent),
      });
    },
  );

  app.get(
    "/orgs/:org_id/nac_clients/events/count",
    mistOperation({
      operationId: "countEvents",
      summary: "How many events share a value; by type unless told",
      tags,
      params: OrganizationPath,
      querystring: EventCount,
      answer: ref(Count),
    }),
    async ({ caller, query }) => {
      const { distinct = "type" } = query;
      const window = readWindow(query, now());
      return countAnswer(
        distinct,
        window,
        query.limit,
        await countEvents(store, caller.organizationId, eventFilter(query, window), distinct),
      );
    },
  );
}
