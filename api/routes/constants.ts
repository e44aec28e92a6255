import { Type } from "typebox";
import { EVENT_TITLES } from "../../domain/event.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { mistOperation, ownOperation } from "../operation.ts";
import { ref } from "../schemas/common.ts";
import { EventDefinition } from "../schemas/event.ts";
import { NasProfile } from "../schemas/nas-profile.ts";
import { nasProfileAnswer } from "../shapes/nas-profile.ts";

/** What Mist lists under /const, and what is ours beside it. */
export function constantRoutes(app: Api, { radius }: ApiDependencies): void {
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

  app.get(
    "/const/nas_profiles",
    ownOperation({
      operationId: "listNasProfiles",
      summary: "Kinds of NASes: how each takes CoA, and what must be switched on there",
      tags: ["installation"],
      params: Type.Object({}),
      answer: Type.Array(ref(NasProfile)),
    }),
    async () => radius.profiles.map(nasProfileAnswer),
  );
}
