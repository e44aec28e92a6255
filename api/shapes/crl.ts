import type { Static } from "typebox";
import type { listSources } from "../../store/crl-sources.ts";
import type { StoredCrl } from "../../store/crls.ts";
import type { Crl, Crls } from "../schemas/crl.ts";
import { present, seconds } from "./present.ts";

export function crlAnswer(crl: StoredCrl): Static<typeof Crl> {
  return present({
    id: crl.id,
    name: crl.name,
    url: crl.url,
    created_time: seconds(crl.createdAt),
    modified_time: seconds(crl.modifiedAt),
    source: crl.source,
    crl_number: crl.number,
    this_update: seconds(crl.thisUpdate),
    next_update: seconds(crl.nextUpdate),
    revoked: crl.entries,
  });
}

export function crlsAnswer(
  crls: readonly StoredCrl[],
  sources: Awaited<ReturnType<typeof listSources>>,
): Static<typeof Crls> {
  return {
    results: crls.map(crlAnswer),
    sources: sources.map(({ url, origin, error, fetchedAt, nextFetchAt }) =>
      present({
        url,
        origin,
        error,
        fetched_time: fetchedAt === undefined ? undefined : seconds(fetchedAt),
        next_fetch_time: seconds(nextFetchAt),
      }),
    ),
  };
}

/** What was posted: the file, and Mist's `json` beside it. */
export interface CrlUploaded {
  readonly file: Uint8Array;
  readonly name: string | undefined;
}

/** Reads a form (RFC 7578) as Mist's clients send it; `undefined` when it is none, or holds no file. */
export async function readUpload(body: Buffer, contentType: string): Promise<CrlUploaded | undefined> {
  try {
    const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
    const [file, json] = [form.get("file"), form.get("json")];
    if (file === null) return undefined;
    // Clients that name no file name send the file as a field of text: PEM survives that.
    const octets = typeof file === "string" ? Buffer.from(file) : new Uint8Array(await file.arrayBuffer());
    return { file: octets, name: typeof json === "string" ? nameIn(json) : undefined };
  } catch {
    return undefined;
  }
}

function nameIn(json: string): string | undefined {
  const { name } = JSON.parse(json === "" ? "{}" : json) as { readonly name?: unknown };
  return typeof name === "string" && name !== "" ? name : undefined;
}
