import type { Directory } from "../../domain/directory.ts";
import type { DirectoryId } from "../../domain/identifiers.ts";
import { isSecret, reveal } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import type { DirectoryClient } from "./directory.ts";
import type { PasswordJudgement } from "../eap/method.ts";

/** The directories of all organizations, each opened when it is first asked. */
export interface Directories {
  /**
   * The judgement of the first of these that knows the name; `undefined`: none does. One that cannot be asked ends the
   * search, since the name may be its user's: whom a name means must not depend on which directory is down. `until`, by
   * `performance.now()`: whichever has not answered by then cannot be asked.
   */
  judge(
    directories: readonly Directory[],
    name: string,
    password: Secret,
    until: number,
  ): Promise<PasswordJudgement | undefined>;
  close(): void;
}

export function openDirectories(open: (directory: Directory) => DirectoryClient): Directories {
  const clients = new Map<DirectoryId, { readonly directory: Directory; readonly client: DirectoryClient }>();

  const clientOf = (directory: Directory): DirectoryClient => {
    const held = clients.get(directory.id);
    if (held !== undefined && isSame(held.directory, directory)) return held.client;
    held?.client.close();
    const client = open(directory);
    clients.set(directory.id, { directory, client });
    return client;
  };

  return {
    async judge(directories, name, password, until) {
      for (const directory of directories) {
        const judgement = await clientOf(directory).judge(name, password, until);
        if (judgement.kind !== "unknownName") return judgement;
      }
      return undefined;
    },
    close() {
      for (const { client } of clients.values()) client.close();
      clients.clear();
    },
  };
}

/** People are read anew when any of them changes; a directory that did not keeps its connections. */
function isSame(one: Directory, other: Directory): boolean {
  return one === other || asText(one) === asText(other);
}

function asText(directory: Directory): string {
  const { bindPassword } = directory;
  return JSON.stringify({ ...directory, bindPassword: isSecret(bindPassword) ? reveal(bindPassword) : bindPassword });
}
