import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NasId, OrganizationId } from "../../../domain/identifiers.ts";
import type { RadsecRegistration } from "../../../domain/nas.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import type { Authority } from "../../../simulators/certificates.ts";
import { createNas } from "../../../store/nases.ts";
import type { Store } from "../../../store/pool.ts";
import { startTestEdge } from "../../support/edge.ts";
import type { TestEdge } from "../../support/edge.ts";

/** An edge with RadSec on. */
export interface RadsecEdge extends TestEdge {
  /** Signs the edge's RadSec certificate and those of the NASes. */
  readonly nasCa: Authority;
  /** May vouch for NASes of its own. */
  readonly otherCa: Authority;
  /** One of two authorities in the CA file that have one name. */
  readonly twinCa: Authority;
}

export async function startRadsecEdge(prepare: (store: Store) => Promise<void>): Promise<RadsecEdge> {
  const [nasCa, otherCa] = [await createAuthority("NAS CA"), await createAuthority("Other CA")];
  const [twinCa, secondTwin] = [await createAuthority("Twin CA"), await createAuthority("Twin CA")];
  const authorities = [nasCa, otherCa, twinCa, secondTwin];
  const server = await nasCa.issue({ commonName: "radius", sanDns: ["radius.acme.example"], eku: "server" });
  const folder = mkdtempSync(join(tmpdir(), "portcullis-radsec-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const running = await startTestEdge(prepare, {
    PORTCULLIS_RADSEC_CERT_FILE: file("server.pem", server.certificatePem),
    PORTCULLIS_RADSEC_KEY_FILE: file("server.key", server.keyPem),
    PORTCULLIS_RADSEC_CA_FILE: file("ca.pem", authorities.map(({ certificatePem }) => certificatePem).join("")),
  });
  rmSync(folder, { recursive: true }); // they are read at start
  return { ...running, nasCa, otherCa, twinCa };
}

/** Registers a NAS that has neither address nor secret. */
export async function registerRadsecNas(
  store: Store,
  organizationId: OrganizationId,
  san: string,
  issuer: Omit<RadsecRegistration, "san"> = { issuer: "CN=NAS CA" },
): Promise<NasId> {
  const radsec = { ...issuer, san };
  const saved = await createNas(store, organizationId, { name: san, profile: "cisco", radsec, eapMd5: true });
  if (saved.kind !== "ok") throw new Error(saved.kind);
  return saved.nas.id;
}
