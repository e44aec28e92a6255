import { isSecret } from "../../domain/secret.ts";
import { readDirectories } from "../../store/directories.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { fault, good } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** The directories that judge an organization's users: whether edges have what they ask them with. */
export async function examineDirectories(
  { db, seals }: Store,
  { id, name: organization }: Organization,
): Promise<readonly Finding[]> {
  return (await readDirectories(db, seals, id)).map(({ name, bindPassword }) => {
    const what = `${organization}: the directory ${name}`;
    return isSecret(bindPassword)
      ? good(`${what} has its bind password`)
      : fault(`${what} is not asked: ${bindPassword.unopened}`, "PUT a new ldap_bind_password for it");
  });
}
