import { pingDatabase } from "../../store/availability.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";

/**
 * `/healthz`: the process is alive, whatever it depends on. `/readyz`: what it depends on answers. Without Temporal the
 * API serves all but check-now, so that only the database makes it unready; the answer names both.
 */
export function reportHealth(app: Api, { store, temporalUnavailable, metrics }: ApiDependencies): void {
  const hidden = { schema: { hide: true } };
  app.get("/healthz", hidden, async () => ({ status: "ok" }));
  app.get("/readyz", hidden, async (_request, reply) => {
    const [database, temporal] = await Promise.all([pingDatabase(store), temporalUnavailable()]);
    const ready = database === undefined;
    void reply.code(ready ? 200 : 503);
    return { status: ready ? "ready" : "not ready", database: database ?? "ok", temporal: temporal ?? "ok" };
  });
  app.get("/metrics", hidden, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
}
