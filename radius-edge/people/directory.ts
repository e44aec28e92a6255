import { createSecureContext } from "node:tls";
import { parseDirectoryHost } from "../../domain/directory.ts";
import type { Directory } from "../../domain/directory.ts";
import { isSecret } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { DirectoryGuard } from "./directory-address.ts";
import type { DirectoryConnection } from "./directory-connection.ts";
import { openDirectoryServer } from "./directory-server.ts";
import type { PasswordJudgement } from "../eap/method.ts";
import { groupLabels } from "./group-labels.ts";
import { createTurnstile } from "./turnstile.ts";

/** As the port's judgement, and that the directory does not know the name: another may. */
export type DirectoryJudgement = PasswordJudgement | { readonly kind: "unknownName" };

/** A directory at work: its connections are kept, its servers that fail are left alone for a while. */
export interface DirectoryClient {
  /** `until`, by `performance.now()`: when whoever asks must have the answer, which is `unavailable` then. */
  judge(name: string, password: Secret, until: number): Promise<DirectoryJudgement>;
  /** Ends every connection. */
  close(): void;
}

export interface DirectoryLimits {
  /** For one server, everything included. */
  readonly serverMs: number;
  /** Connections to each directory. */
  readonly atOnce: number;
  readonly inLine: number;
}

const LIMITS: DirectoryLimits = { serverMs: 2 * SECOND_MS, atOnce: 8, inLine: 64 };

/**
 * Judges by bind: the directory itself compares, so that its locks, expiries and password rules hold. Nothing is kept of
 * an answer: what is locked there is locked here at the next authentication, and while no server answers nobody gets in.
 */
export function openDirectory(
  directory: Directory,
  guard: DirectoryGuard,
  limits: DirectoryLimits = LIMITS,
): DirectoryClient {
  const { cacerts, bindPassword } = directory;
  const trust = { secureContext: createSecureContext(cacerts.length === 0 ? {} : { ca: [...cacerts] }), guard };
  const servers = directory.hosts.flatMap((text) => {
    const host = parseDirectoryHost(text);
    return host === undefined ? [] : [{ text, server: openDirectoryServer(host, trust, limits.serverMs) }];
  });
  const turnstile = createTurnstile(limits);
  const unavailable = (why: string): DirectoryJudgement => ({
    kind: "unavailable",
    sentence: `Directory "${directory.name}" cannot be asked: ${why}.`,
    answer: directory.whenDown,
  });

  const askServers = async (
    bindPassword: Secret,
    name: string,
    password: Secret,
    until: number,
  ): Promise<DirectoryJudgement> => {
    const faults: string[] = [];
    for (const { text, server } of servers) {
      const leftMs = Math.floor(until - performance.now());
      if (leftMs <= 0) {
        faults.push(`${text}: no time was left for it`);
        break;
      }
      if (!server.mayBeAsked()) continue;
      try {
        return await server.use(
          (connection) => judgeOn(connection, { ...directory, bindPassword }, name, password),
          leftMs,
        );
      } catch (error) {
        faults.push(`${text}: ${sentenceOf(error)}`);
      }
    }
    return unavailable(faults.join("; ") || "its servers have just failed, and are left alone for a while");
  };

  return {
    async judge(name, password, until) {
      if (!isSecret(bindPassword)) return unavailable(bindPassword.unopened);
      // Nobody takes a place with less than a server's time left: he would learn nothing, and keep it from those behind.
      const patienceMs = until - limits.serverMs - performance.now();
      const asked = await turnstile.pass(() => askServers(bindPassword, name, password, until), patienceMs);
      return asked ?? unavailable("too many ask at the same time");
    },
    close() {
      for (const { server } of servers) server.close();
    },
  };
}

/** Finds the user's entry as the service, then binds as the user (RFC 4513 §5.1.3): the last bind on a connection counts. */
async function judgeOn(
  connection: DirectoryConnection,
  directory: Directory & { readonly bindPassword: Secret },
  name: string,
  password: Secret,
): Promise<DirectoryJudgement> {
  const { baseDn, bindDn, bindPassword, userFilter, groupAttribute } = directory;
  const refused = await connection.bind(bindDn, bindPassword);
  if (refused !== undefined) throw new Error(`${bindDn} is refused: ${refused}`);
  const filter = userFilter.replaceAll("%s", () => escapeFilterValue(name));
  const [entry, another] = await connection.search(baseDn, filter, groupAttribute);
  if (entry === undefined) return { kind: "unknownName" };
  if (another !== undefined) {
    const sentence = `Directory "${directory.name}" has several users named "${name}": ${entry.dn} and ${another.dn}.`;
    return { kind: "wrong", sentence };
  }
  const refusal = await connection.bind(entry.dn, password);
  return refusal === undefined
    ? { kind: "right", labels: groupLabels(entry.values) }
    : { kind: "wrong", sentence: `Directory "${directory.name}" refuses ${entry.dn}: ${refusal}.` };
}

/** RFC 4515 §3: these mean something in a filter, and a name means none of it. */
function escapeFilterValue(text: string): string {
  return text.replaceAll(/[\\*()\0]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function sentenceOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") return "no answer in time";
  return error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : String(error);
}
