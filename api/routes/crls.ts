import type { FastifyRequest } from "fastify";
import { LARGEST_CRL } from "../../domain/crl.ts";
import type { CrlId, OrganizationId } from "../../domain/identifiers.ts";
import { acceptCrl, authorityKey, signersOf } from "../../runtime/crl-signature.ts";
import { listSources } from "../../store/crl-sources.ts";
import { deleteCrl, listCrls, saveCrl } from "../../store/crls.ts";
import { readIntermediates } from "../../store/intermediates.ts";
import type { Store } from "../../store/pool.ts";
import { loadEdgeSettings } from "../../store/settings.ts";
import type { Api, ApiDependencies } from "../dependencies.ts";
import { badRequest, notFound } from "../failure.ts";
import { mistOperation } from "../operation.ts";
import { Empty, OrganizationPath, ref } from "../schemas/common.ts";
import { Crl, CrlPath, Crls, CrlUpload } from "../schemas/crl.ts";
import { crlAnswer, crlsAnswer, readUpload } from "../shapes/crl.ts";
import type { CrlUploaded } from "../shapes/crl.ts";
import { pathId } from "../shapes/parsed.ts";

const tags = ["installation"];
/** The largest list in PEM, and the form around it. */
const BODY_LIMIT_BYTES = 1.5 * LARGEST_CRL;

/** Mist's mist_nac_crls: lists that a person gives, beside those that are fetched. */
export function crlRoutes(app: Api, deps: ApiDependencies): void {
  const { store } = deps;
  app.get(
    "/orgs/:org_id/setting/mist_nac_crls",
    mistOperation({
      operationId: "listCrls",
      summary: "Certificate revocation lists that edges refuse clients by, and where they are fetched from",
      tags,
      params: OrganizationPath,
      answer: ref(Crls),
    }),
    async ({ caller: { organizationId } }) =>
      crlsAnswer(await listCrls(store, organizationId), await listSources(store, organizationId)),
  );

  app.delete(
    "/orgs/:org_id/setting/mist_nac_crls/:naccrl_id",
    mistOperation({
      operationId: "deleteCrl",
      summary: "Forget a list: whom it revoked may come back at once, where no other says so",
      tags,
      params: CrlPath,
      answer: Empty,
    }),
    async ({ caller, params }, reply) => {
      const id = pathId<CrlId>("CRL", params.naccrl_id);
      if (!(await deleteCrl(store, caller.organizationId, id))) throw notFound("CRL", params.naccrl_id);
      return reply.send(undefined);
    },
  );
  void app.register(async (scope: Api) => uploadRoute(scope, deps));
}

/** In a scope of its own: no other route takes forms. */
function uploadRoute(app: Api, { store, now }: ApiDependencies): void {
  const limit = { parseAs: "buffer" as const, bodyLimit: BODY_LIMIT_BYTES };
  app.addContentTypeParser("multipart/form-data", limit, async (request: FastifyRequest, body: Buffer) =>
    readUpload(body, request.headers["content-type"] ?? ""),
  );
  const operation = mistOperation({
    operationId: "importCrl",
    summary: "Give a list: whom it revokes is refused at once; it takes the place of an older one of the same issuer",
    tags,
    params: OrganizationPath,
    body: CrlUpload,
    answer: ref(Crl),
  });
  app.post(
    "/orgs/:org_id/setting/mist_nac_crls",
    {
      ...operation,
      schema: { ...operation.schema, consumes: ["multipart/form-data"] },
      // A form is no JSON: what it holds was looked at when it was read.
      validatorCompiler: () => () => true,
      bodyLimit: BODY_LIMIT_BYTES,
    },
    async ({ caller: { organizationId }, body }) => {
      const uploaded = body as unknown as CrlUploaded | undefined;
      if (!(uploaded?.file instanceof Uint8Array))
        throw badRequest("noFile", 'give the CRL as "file" of multipart/form-data');
      return importCrl(store, organizationId, uploaded, now());
    },
  );
}

async function importCrl(store: Store, organizationId: OrganizationId, { file, name }: CrlUploaded, now: number) {
  const { cacerts } = await loadEdgeSettings(store, organizationId);
  const { trusted, intermediates } = signersOf(cacerts, await readIntermediates(store.db, organizationId));
  const accepted = acceptCrl(file, [...trusted, ...intermediates], now);
  if (accepted.kind === "refused") throw badRequest("invalidCrl", accepted.sentence);
  const { crl, signer } = accepted;
  const saved = await saveCrl(store, organizationId, {
    issuer: authorityKey(signer),
    name: name ?? signer.certificate.subject.replaceAll("\n", ", "),
    url: undefined,
    crl,
  });
  switch (saved.kind) {
    case "ok":
    case "unchanged":
      return crlAnswer(saved.crl);
    case "older":
      throw badRequest(
        "olderCrl",
        `the CRL is older than the one held of this issuer (number ${saved.crl.number ?? "-"})`,
      );
    case "tooMany":
      throw badRequest("tooManyCrls", `there are ${saved.most} CRLs, as many as may be: delete one first`);
  }
}
