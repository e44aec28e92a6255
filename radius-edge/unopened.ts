import { isSecret } from "../domain/secret.ts";
import type { People } from "../store/edge-snapshot.ts";
import type { UnopenedNas } from "../store/nas-rows.ts";
import type { EdgeSettings } from "../store/settings.ts";

/** What an edge does without, since none of its keys opens the secret that it rests on; a sentence for each. */
export interface Unopened {
  readonly nases: readonly string[];
  readonly directories: readonly string[];
  /** One at most: an organization has one server key. */
  readonly serverKeys: readonly string[];
}

/** As a view holds them, or as much of it as has changed. */
interface Sealed {
  readonly unopenedNases?: readonly UnopenedNas[] | undefined;
  readonly settings?: Pick<EdgeSettings, "serverKey"> | undefined;
  readonly people?: Pick<People, "directories"> | undefined;
}

export function unopenedOf({ unopenedNases = [], settings, people }: Sealed): Unopened {
  const key = settings?.serverKey;
  return {
    nases: unopenedNases.map(({ name, sentence }) => `NAS "${name}" is not answered: ${sentence}`),
    directories: (people?.directories ?? []).flatMap(({ name, bindPassword: password }) =>
      isSecret(password) ? [] : `directory "${name}" is not asked: ${password.unopened}`,
    ),
    serverKeys:
      key === undefined || isSecret(key)
        ? []
        : [`EAP is refused, or goes on under the server key before until this edge ends: ${key.unopened}`],
  };
}
