import { createOrganization, listOrganizations } from "../../store/organizations.ts";
import { withStore } from "./with-store.ts";

/** Prints the new organization's id. */
export function createOrganizationCommand(env: NodeJS.ProcessEnv, name: string): Promise<number> {
  return withStore(env, async (store) => console.log((await createOrganization(store, { name })).id));
}

/** One line each: id, name. */
export function listOrganizationsCommand(env: NodeJS.ProcessEnv): Promise<number> {
  return withStore(env, async (store) => {
    for (const { id, name } of await listOrganizations(store)) console.log(`${id}  ${name}`);
  });
}
