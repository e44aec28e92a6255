/** Bare upper-case hexadecimal, as Workspace ONE writes addresses ("848506B900BA"); "" stays "". */
export function bareMac(mac: string): string {
  return mac.replace(/[^0-9a-fA-F]/g, "").toUpperCase();
}

/** Upper-case pairs with colons, as Jamf Pro writes most addresses ("A4:83:E7:11:22:33"); "" stays "". */
export function colonMac(mac: string): string {
  return bareMac(mac).match(/../g)?.join(":") ?? "";
}

/** The form in which two spellings of a UDID, serial number, UUID or MAC address are the same text. */
export function sameSpelling(identifier: string): string {
  return identifier.replace(/[-:.\s]/g, "").toLowerCase();
}
