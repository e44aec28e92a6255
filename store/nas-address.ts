import pg from "pg";
import { sql } from "kysely";
import type { RadsecIdentity } from "../domain/nas.ts";
import type { Trx } from "./pool.ts";

/** The address is none, in words. */
export interface AddressFault {
  readonly kind: "invalidAddress";
  readonly message: string;
}

interface ParsedAddresses {
  readonly kind: "ok";
  readonly address: string | null;
  readonly coaAddress: string | null;
  /** What a RadSec certificate carries; an IP address among them has one form, so that it is no second identity. */
  readonly san: string | null;
}

/** PostgreSQL manual, appendix A: invalid_text_representation. */
const INVALID_TEXT = "22P02";

/** Reads a NAS's addresses as Postgres does, into canonical text: a prefix, and a single host where CoA goes elsewhere. */
export async function parseNasAddress(
  trx: Trx,
  draft: {
    readonly address?: string | undefined;
    readonly coaAddress?: string | undefined;
    readonly radsec?: RadsecIdentity | undefined;
  },
): Promise<ParsedAddresses | AddressFault> {
  const address = await parseIfGiven(trx, "cidr", draft.address);
  if (address === undefined) {
    return { kind: "invalidAddress", message: `address "${draft.address}" is not an IP address or prefix` };
  }
  const coaAddress = await parseIfGiven(trx, "inet", draft.coaAddress);
  if (coaAddress === undefined || coaAddress?.includes("/") === true) {
    return { kind: "invalidAddress", message: `coa_address "${draft.coaAddress}" is not an IP address` };
  }
  const san = draft.radsec?.san ?? null;
  return { kind: "ok", address, coaAddress, san: san && ((await castTo(trx, "inet", withoutMapping(san))) ?? san) };
}

/** `null` where none was given. */
async function parseIfGiven(trx: Trx, type: "cidr" | "inet", text: string | undefined) {
  return text === undefined ? null : castTo(trx, type, withoutMapping(text.trim()));
}

async function castTo(trx: Trx, type: "cidr" | "inet", text: string): Promise<string | undefined> {
  if (text.includes("\0")) return undefined;
  // What is no address fails its statement, and shall not fail the transaction.
  await sql`savepoint cast_address`.execute(trx);
  try {
    const { rows } = await sql<{ value: string }>`select ${text}::${sql.raw(type)} as value`.execute(trx);
    return rows[0]?.value;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== INVALID_TEXT) throw error;
    await sql`rollback to savepoint cast_address`.execute(trx);
    return undefined;
  }
}

/** `::ffff:192.0.2.1` as `192.0.2.1`: a dual-stack socket shows IPv4 peers so (RFC 4291 §2.5.5.2). */
function withoutMapping(text: string): string {
  const match = /^::ffff:(\d+(?:\.\d+){3})(?:\/(\d+))?$/i.exec(text);
  if (match === null) return text;
  const [, host, length] = match;
  return length === undefined ? host! : `${host}/${Number(length) - 96}`;
}
