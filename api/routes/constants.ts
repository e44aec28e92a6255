import { Type } from "typebox";
import { EVENT_TITLES } from "../../domain/event.ts";
import type { Api } from "../dependencies.ts";
import { mistOperation } from "../operation.ts";
import { ref } from "../schemas/common.ts";
import { EventDefinition } from "../schemas/event.ts";

/** What Mist lists under /const. */
export function constantRoutes(app: Api): void {
  app.get(
    "/const/nac_events",
    mistOperation({
      operationId: "listEventDefinitions",
      summary: "Types of client events, with the title that people read",
      tags: ["clients"],
      params: Type.Object({}),
      answer: Type.Array(ref(EventDefinition)),
    }),
    async () => Object.entries(EVENT_TITLES).map(([key, display]) => ({ key, display, example: { type: key } })),
  );
}
