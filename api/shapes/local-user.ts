import type { Static } from "typebox";
import { userNameFault } from "../../domain/local-user.ts";
import type { LocalUserView } from "../../store/local-users.ts";
import type { LocalUser, LocalUserFields } from "../schemas/local-user.ts";
import { parsed } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { present, seconds } from "./present.ts";

/** What is given, less the password; what is absent stays absent. */
export function localUserChange(
  fields: LocalUserFields,
): Parsed<{ readonly name?: string; readonly labels?: readonly string[] }> {
  const { name, password } = fields;
  return parsed(present({ name, labels: fields.labels && [...new Set(fields.labels)] }), [
    name === undefined ? undefined : userNameFault(name),
    // EAP-TTLS/PAP pads passwords with zero octets (RFC 5281 §11.2.5): one that has them could not be told apart.
    password?.includes("\0") ? "a password has no zero octets" : undefined,
  ]);
}

export function localUserAnswer(user: LocalUserView): Static<typeof LocalUser> {
  return {
    id: user.id,
    org_id: user.organizationId,
    name: user.name,
    labels: [...user.labels],
    created_time: seconds(user.createdAt),
    modified_time: seconds(user.modifiedAt),
  };
}
