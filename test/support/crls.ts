import { parseCrl } from "../../domain/crl.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { authorityKey, readAuthorities, signerOf } from "../../runtime/crl-signature.ts";
import type { Authority } from "../../simulators/certificates.ts";
import type { CrlWish } from "../../simulators/crls.ts";
import { saveCrl } from "../../store/crls.ts";
import type { CrlDraft, CrlSaved } from "../../store/crls.ts";
import type { Store } from "../../store/pool.ts";

/** A list of the authority's, as one who uploads it hands it to the store. */
export async function crlDraft(authority: Authority, wish: CrlWish = {}): Promise<CrlDraft> {
  const parsed = parseCrl(await authority.crl(wish));
  if (parsed.kind === "refused") throw new Error(parsed.sentence);
  const signer = signerOf(parsed.crl, readAuthorities([authority.certificatePem]));
  if (signer === undefined) throw new Error("the authority did not sign its own list");
  return { issuer: authorityKey(signer), name: "CN=test", url: undefined, crl: parsed.crl };
}

export async function storeCrl(
  store: Store,
  organizationId: OrganizationId,
  authority: Authority,
  wish: CrlWish = {},
): Promise<CrlSaved> {
  return saveCrl(store, organizationId, await crlDraft(authority, wish));
}

/** A form as Mist's clients post it to `setting/mist_nac_crls`. */
export async function crlForm(
  file: Buffer | string,
  json?: string,
): Promise<{ readonly payload: Buffer; readonly contentType: string }> {
  const form = new FormData();
  form.append("file", new Blob([typeof file === "string" ? file : new Uint8Array(file)]), "acme.crl");
  if (json !== undefined) form.append("json", json);
  const encoded = new Response(form);
  return { payload: Buffer.from(await encoded.arrayBuffer()), contentType: encoded.headers.get("content-type")! };
}
