declare const brand: unique symbol;

/** An MDM device id as certificates carry it: lower-case hexadecimal without dashes. */
export type DeviceId = string & { readonly [brand]: "DeviceId" };

const SHAPES: readonly RegExp[] = [
  /^[0-9a-f]{40}$/, // UDID of older Apple mobiles
  /^[0-9a-f]{32}$/, // Workspace ONE {DeviceUid} without dashes
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, // Mac hardware UUID, Windows device id
  /^[0-9a-f]{8}-[0-9a-f]{16}$/, // UDID of Apple devices since A12, "00008030-…"
];

/**
 * Reads a SAN:DNS value or an MDM's UDID field as a device id. `undefined` for anything not shaped like one, such as a
 * host name: it is never sent to an MDM. All-zero ids name no device.
 */
export function parseDeviceId(text: string): DeviceId | undefined {
  const lower = text.trim().toLowerCase();
  if (!SHAPES.some((shape) => shape.test(lower))) return undefined;
  const digits = lower.replaceAll("-", "");
  return /^0+$/.test(digits) ? undefined : (digits as DeviceId);
}

/**
 * The spellings in which an MDM may hold this id, for look-ups by exact text: dashed where the length allows it, upper
 * and lower case left to the vendor's own comparison.
 */
export function deviceIdSpellings(id: DeviceId): readonly string[] {
  if (id.length === 32) {
    return [`${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`, id];
  }
  if (id.length === 24) return [`${id.slice(0, 8)}-${id.slice(8)}`, id];
  return [id];
}
