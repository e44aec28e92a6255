/** File descriptors of sockets that were opened for the edge before it started. */
export interface InheritedSockets {
  readonly authentication?: number;
  readonly accounting?: number;
  readonly radsec?: number;
}

/** sd_listen_fds(3), SD_LISTEN_FDS_START. */
const FIRST_FD = 3;
const NAMES = ["authentication", "accounting", "radsec"] as const satisfies readonly (keyof InheritedSockets)[];

/**
 * The sockets that systemd passes to this process (sd_listen_fds(3)), by the FileDescriptorName of their units; `undefined`
 * when it passes none. Throws for one whose name says nothing to us: it would be open, and nobody would answer.
 */
export function inheritedSockets(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): InheritedSockets | undefined {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = "" } = env;
  if (LISTEN_PID !== String(pid) || LISTEN_FDS === undefined) return undefined;
  const names = LISTEN_FDNAMES.split(":");
  const passed = Array.from({ length: Number(LISTEN_FDS) }, (_, index) => [nameOf(names[index]), FIRST_FD + index]);
  return Object.fromEntries(passed) as InheritedSockets;
}

function nameOf(given: string | undefined): keyof InheritedSockets {
  const name = NAMES.find((known) => known === given);
  if (name !== undefined) return name;
  throw new Error(`systemd passes a socket named "${given ?? ""}": FileDescriptorName must be ${NAMES.join(", ")}`);
}
