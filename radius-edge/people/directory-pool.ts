import { SECOND_MS } from "../../domain/time.ts";
import type { DirectoryConnection } from "./directory-connection.ts";

/** Connections to one server that are kept for the next who needs one. How many there are is up to who uses them. */
export interface DirectoryPool {
  /** Runs `work` on a connection that nobody else uses meanwhile. Rejects as `work` does, or with the signal's reason. */
  use<T>(work: (connection: DirectoryConnection) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): void;
}

/** Firewalls forget idle connections, and servers close them; we do first. */
const IDLE_MS = 30 * SECOND_MS;

export function createDirectoryPool(connect: (signal: AbortSignal) => Promise<DirectoryConnection>): DirectoryPool {
  const idle = new Map<DirectoryConnection, NodeJS.Timeout>();
  let isClosed = false;

  const drop = (connection: DirectoryConnection): void => {
    clearTimeout(idle.get(connection));
    idle.delete(connection);
    connection.close();
  };
  const keep = (connection: DirectoryConnection): void => {
    if (isClosed) connection.close();
    else idle.set(connection, setTimeout(drop, IDLE_MS, connection).unref());
  };
  const take = (): DirectoryConnection | undefined => {
    for (const [connection, timer] of idle) {
      clearTimeout(timer);
      idle.delete(connection);
      if (connection.isOpen) return connection;
    }
    return undefined;
  };

  const use = async <T>(
    work: (connection: DirectoryConnection) => Promise<T>,
    signal: AbortSignal,
    kept = take(),
  ): Promise<T> => {
    const connection = kept ?? (await connect(signal));
    const end = (): void => connection.close();
    signal.addEventListener("abort", end, { once: true });
    try {
      const result = await work(connection);
      keep(connection);
      return result;
    } catch (error) {
      const hasEnded = !connection.isOpen;
      connection.close();
      if (signal.aborted) throw signal.reason;
      // One that was kept may have ended unnoticed, which says nothing of the server.
      if (kept !== undefined && hasEnded) return await use(work, signal);
      throw error;
    } finally {
      signal.removeEventListener("abort", end);
    }
  };

  return {
    use: (work, signal) => use(work, signal),
    close() {
      isClosed = true;
      for (const connection of idle.keys()) drop(connection);
    },
  };
}
