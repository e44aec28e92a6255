import { parseId } from "../../domain/identifiers.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { reveal } from "../../domain/secret.ts";
import { findOrganization } from "../../store/organizations.ts";
import { createToken } from "../../store/tokens.ts";
import { withStore } from "./with-store.ts";

/** Prints the token's text: the store keeps only its hash, so it is shown this once. */
export function createTokenCommand(
  env: NodeJS.ProcessEnv,
  { organization, name }: { readonly organization: string; readonly name: string },
): Promise<number> {
  return withStore(env, async (store) => {
    const id = parseId<OrganizationId>(organization);
    if (id === undefined || (await findOrganization(store, id)) === undefined) {
      throw new Error(`there is no organization "${organization}": portcullis organization list shows them`);
    }
    const { token } = await createToken(store, { organizationId: id, name, createdBy: "command line" });
    console.log(reveal(token));
  });
}
