/** VLAN, role and the other things that an Accept carries. All optional: an empty authorization is a plain Accept. */
export interface Authorization {
  /** 1–4094 or a name of up to 32 octets, as text, sent as it stands (behaviour 6.2). */
  readonly vlan?: string;
  /** Role, sent as Filter-Id (RFC 2865 §5.11); a vendor's own attribute for it is one of `vendorAttributes`. */
  readonly role?: string;
  readonly sessionTimeoutSeconds?: number;
  /** RFC 4675 §2.3: "1" (tagged) or "2" (untagged) before the name, as in "1vlan-30". */
  readonly egressVlanNames?: readonly string[];
  /** "Name=value" texts of standard and of vendor attributes. */
  readonly radiusAttributes?: readonly string[];
  readonly vendorAttributes?: readonly string[];
}

/** What a client may do on the network: nothing, or this. */
export type Access = { readonly kind: "reject" } | { readonly kind: "accept"; readonly authorization: Authorization };

/**
 * What sets two accesses apart, as the operator would name it; empty when a CoA between them would change nothing.
 * Timers, Class and messages never count (behaviour 4.3).
 */
export function accessDifference(desired: Access, applied: Access): readonly string[] {
  if (desired.kind !== applied.kind) return [desired.kind === "reject" ? "block" : "allow"];
  if (desired.kind === "reject" || applied.kind === "reject") return [];
  const want = desired.authorization;
  const have = applied.authorization;
  const differences: string[] = [];
  if (want.vlan !== have.vlan) differences.push(`VLAN ${have.vlan ?? "none"} → ${want.vlan ?? "none"}`);
  if (want.role !== have.role) differences.push(`role ${have.role ?? "none"} → ${want.role ?? "none"}`);
  const lists = [
    ["egress VLANs", want.egressVlanNames, have.egressVlanNames],
    ["attributes", want.radiusAttributes, have.radiusAttributes],
    ["vendor attributes", want.vendorAttributes, have.vendorAttributes],
  ] as const;
  for (const [name, a = [], b = []] of lists) {
    if (a.length !== b.length || a.some((value, i) => value !== b[i])) differences.push(name);
  }
  return differences;
}

/** "VLAN 20, role staff" for people and for the Temporal UI. */
export function describeAccess(access: Access): string {
  if (access.kind === "reject") return "blocked";
  const { vlan, role } = access.authorization;
  const parts = [vlan && `VLAN ${vlan}`, role && `role ${role}`].filter(Boolean);
  return parts.length === 0 ? "allowed" : parts.join(", ");
}
