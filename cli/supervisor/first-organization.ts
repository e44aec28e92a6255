import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reveal } from "../../domain/secret.ts";
import { createOrganization, listOrganizations } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { createToken, findToken } from "../../store/tokens.ts";
import { writePrivately } from "./endpoints.ts";

/** Whom the newcomer at this machine may act for. `token` is the text: a secret. */
export interface Admin {
  readonly organizationId: string;
  readonly token: string;
}

/**
 * The admin token in the state folder's `token` file (mode 0600) and its organization. Both are made on the first start;
 * a token that was lost or deleted is replaced.
 */
export async function provideAdmin(store: Store, stateFolder: string): Promise<Admin> {
  const file = join(stateFolder, "token");
  const token = readToken(file);
  const bearer = token === undefined ? undefined : await findToken(store, token);
  if (token !== undefined && bearer !== undefined) return { organizationId: bearer.organizationId, token };
  const [oldest] = await listOrganizations(store);
  const { id: organizationId } = oldest ?? (await createOrganization(store, { name: "Default" }));
  const made = await createToken(store, { organizationId, name: "admin", createdBy: "npm start" });
  writePrivately(file, `${reveal(made.token)}\n`);
  return { organizationId, token: reveal(made.token) };
}

function readToken(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
