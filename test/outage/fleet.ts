import { parseDeviceId } from "../../domain/device-id.ts";
import { identityKey } from "../../domain/identity.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import { parseMac } from "../../domain/mac-address.ts";
import type { FleetClient } from "../../simulators/fleet/client.ts";
import type { Authority } from "../../simulators/certificates.ts";
import type { NewDevice } from "../../simulators/mdm-device.ts";

/** A client, the name of its verdict, and how an MDM knows it. */
export interface Member {
  readonly client: FleetClient;
  readonly identity: IdentityKey;
  readonly device: NewDevice;
  /** As Workspace ONE is asked for it: its UDID, or its bare MAC address. */
  readonly searchedAs: string;
}

/** A printer or the like: client number `n` of those that prove nothing but their MAC address. */
export function plainMember(n: number): Member {
  const mac = macOf(n);
  return {
    client: { kind: "mab", name: `plain ${n}`, mac, port: "wired" },
    identity: identityKey({ kind: "mac", mac }),
    device: { kind: "windows", name: `plain ${n}`, macAddress: mac, compliance: "compliant" },
    searchedAs: mac.toUpperCase(),
  };
}

/** A laptop: client number `n`, with a certificate that carries its device id. */
export async function certifiedMember(n: number, authority: Authority): Promise<Member> {
  const mac = macOf(n);
  const name = `laptop ${n}`;
  const udid = `9D41C6E20B7F4A358E6D${mac.toUpperCase()}`;
  const deviceId = parseDeviceId(udid)!;
  const certificate = await authority.issue({ commonName: name, sanDns: [udid] });
  const trustedCas = [authority.certificatePem];
  return {
    client: { kind: "eap-tls", name, mac, port: "wireless", identity: name, ...certificate, trustedCas },
    identity: identityKey({ kind: "device", deviceId }),
    device: { kind: "windows", name, udid, macAddress: mac, compliance: "compliant" },
    searchedAs: udid,
  };
}

function macOf(n: number) {
  return parseMac(`a483e7${n.toString(16).padStart(6, "0")}`)!;
}
