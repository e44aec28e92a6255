import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { Api } from "../dependencies.ts";

const TAGS = [
  { name: "session", description: "the token itself, and other tokens" },
  { name: "linked accounts", description: "MDM tenants joined to the organization" },
  { name: "policy", description: "labels and rules" },
  { name: "people", description: "who may authenticate by password: local users, and directories" },
  { name: "clients", description: "endpoints seen on the network, and what happened to them" },
  { name: "installation", description: "NASes, and the settings of the edge" },
];

/** The OpenAPI 3.1 document at /openapi.json and its page, which needs nothing from the internet, at /docs. */
export async function describeApi(app: Api, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Portcullis",
        version,
        description:
          "Paths and fields of Juniper Mist's public API, so that clients written for it work unchanged, and our own beside them.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      tags: TAGS,
      components: {
        securitySchemes: {
          token: { type: "apiKey", in: "header", name: "Authorization", description: "`Token <token>`" },
        },
      },
      security: [{ token: [] }],
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) =>
        typeof schema["$id"] === "string" ? schema["$id"] : `schema${index}`,
    },
  });
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  app.get("/", { schema: { hide: true } }, async (_request, reply) => reply.redirect("/docs"));
}
