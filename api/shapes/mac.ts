import { parseMac } from "../../domain/mac-address.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import { badRequest } from "../failure.ts";

/** The MAC address in a path. Throws ApiFailure 400. */
export function pathMac(text: string): MacAddress {
  const mac = parseMac(text);
  if (mac === undefined) throw badRequest("invalidMac", `"${text}" is no MAC address`);
  return mac;
}

/** Mist's `mac` filter: one address in any notation, or digits with `*` at either end. Throws ApiFailure 400. */
export function macFilter(text: string | undefined): { macs?: readonly MacAddress[]; macPattern?: string } {
  if (text === undefined) return {};
  if (!text.includes("*")) return { macs: [pathMac(text)] };
  const pattern = text.toLowerCase().replaceAll(/[-:.]/g, "");
  if (!/^\*?[0-9a-f]{1,12}\*?$/.test(pattern)) throw badRequest("invalidMac", `"${text}" is no part of a MAC address`);
  return { macPattern: pattern };
}

/** The AP's or switch's address in a Called-Station-Id, `00-10-A4-23-19-C0:SSID` (RFC 3580 §3.20). */
export function stationMac(text: string | undefined): MacAddress | undefined {
  return parseMac(/^((?:[0-9a-f]{2}[-:]?){5}[0-9a-f]{2})(?::|$)/i.exec(text ?? "")?.[1] ?? "");
}
