import pg from "pg";
import { sql } from "kysely";
import type { Store } from "./pool.ts";

/** The address is none, in words. */
export interface AddressFault {
  readonly kind: "invalidAddress";
  readonly message: string;
}

/** PostgreSQL manual, appendix A: invalid_text_representation. */
const INVALID_TEXT = "22P02";

/** Reads a NAS's addresses as Postgres does, into canonical text: a prefix, and a single host where CoA goes elsewhere. */
export async function parseNasAddress(
  store: Store,
  draft: { readonly address: string; readonly coaAddress?: string | undefined },
): Promise<{ readonly kind: "ok"; readonly address: string; readonly coaAddress: string | null } | AddressFault> {
  const address = await castTo(store, "cidr", withoutMapping(draft.address.trim()));
  if (address === undefined) {
    return { kind: "invalidAddress", message: `address "${draft.address}" is not an IP address or prefix` };
  }
  if (draft.coaAddress === undefined) return { kind: "ok", address, coaAddress: null };
  const coaAddress = await castTo(store, "inet", withoutMapping(draft.coaAddress.trim()));
  if (coaAddress === undefined || coaAddress.includes("/")) {
    return { kind: "invalidAddress", message: `coa_address "${draft.coaAddress}" is not an IP address` };
  }
  return { kind: "ok", address, coaAddress };
}

async function castTo(store: Store, type: "cidr" | "inet", text: string): Promise<string | undefined> {
  if (text.includes("\0")) return undefined;
  try {
    const { rows } = await sql<{ value: string }>`select ${text}::${sql.raw(type)} as value`.execute(store.db);
    return rows[0]?.value;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === INVALID_TEXT) return undefined;
    throw error;
  }
}

/** `::ffff:192.0.2.1` as `192.0.2.1`: a dual-stack socket shows IPv4 peers so (RFC 4291 §2.5.5.2). */
function withoutMapping(text: string): string {
  const match = /^::ffff:(\d+(?:\.\d+){3})(?:\/(\d+))?$/i.exec(text);
  if (match === null) return text;
  const [, host, length] = match;
  return length === undefined ? host! : `${host}/${Number(length) - 96}`;
}
