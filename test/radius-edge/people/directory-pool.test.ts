import type { DirectoryConnection } from "../../../radius-edge/people/directory-connection.ts";
import { createDirectoryPool } from "../../../radius-edge/people/directory-pool.ts";

interface Made extends DirectoryConnection {
  isOpen: boolean;
}

/** Connections that only open and close: what they carry is not the pool's matter. */
function bench() {
  const made: Made[] = [];
  const pool = createDirectoryPool(async () => {
    const connection: Made = {
      bind: () => Promise.reject(new Error("not asked")),
      search: () => Promise.reject(new Error("not asked")),
      isOpen: true,
      close: () => void (connection.isOpen = false),
    };
    made.push(connection);
    return connection;
  });
  return { made, pool };
}

const never = new AbortController().signal;
const nothing = async (): Promise<void> => undefined;

test("a connection is kept for the next, never shared, and never one that has closed", async () => {
  const { made, pool } = bench();
  await pool.use(nothing, never);
  await pool.use(nothing, never);
  expect(made).toHaveLength(1);
  await pool.use(() => pool.use(nothing, never), never);
  expect(made).toHaveLength(2);
  for (const connection of made) connection.close();
  await pool.use(nothing, never);
  expect(made).toHaveLength(3);
  pool.close();
  expect(made.some(({ isOpen }) => isOpen)).toBe(false);
});

test("a kept connection that turns out to have ended is replaced once; a fresh one is not", async () => {
  const { made, pool } = bench();
  await pool.use(nothing, never);
  const endOnFirst = async (connection: DirectoryConnection): Promise<string> => {
    if (connection !== made[0]) return "answered";
    connection.close();
    throw new Error("ended");
  };
  expect(await pool.use(endOnFirst, never)).toBe("answered");
  expect(made).toHaveLength(2);
  const alwaysEnd = async (connection: DirectoryConnection): Promise<void> => {
    connection.close();
    throw new Error("ended");
  };
  await expect(pool.use(alwaysEnd, never)).rejects.toThrow("ended");
  expect(made).toHaveLength(3);
});

test("a failure that leaves the connection open is not tried again, and the connection is not kept", async () => {
  const { made, pool } = bench();
  await pool.use(nothing, never);
  let times = 0;
  const refuse = async (): Promise<void> => {
    times++;
    throw new Error("refused");
  };
  await expect(pool.use(refuse, never)).rejects.toThrow("refused");
  expect([times, made.length, made[0]!.isOpen]).toEqual([1, 1, false]);
});

test("when time is up the connection is closed, and the reason is the signal's", async () => {
  const { made, pool } = bench();
  const deadline = new AbortController();
  const asked = pool.use(
    (connection) =>
      new Promise((_, reject) => {
        const end = connection.close.bind(connection);
        Object.assign(connection, { close: () => (end(), reject(new Error("closed"))) });
      }),
    deadline.signal,
  );
  await new Promise((resolve) => setImmediate(resolve));
  deadline.abort(new Error("time is up"));
  await expect(asked).rejects.toThrow("time is up");
  expect(made[0]!.isOpen).toBe(false);
});
