import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { inheritedSockets } from "../../radius-edge/inherited-sockets.ts";

const passed = (names: string, pid = 7) => ({
  LISTEN_PID: String(pid),
  LISTEN_FDS: String(names.split(":").length),
  LISTEN_FDNAMES: names,
});

test("sockets are told apart by their names", () => {
  expect(inheritedSockets(passed("accounting:authentication"), 7)).toEqual({ accounting: 3, authentication: 4 });
  expect(inheritedSockets(passed("radsec"), 7)).toEqual({ radsec: 3 });
});

test("there are none without systemd, and none that were meant for another process", () => {
  expect(inheritedSockets({}, 7)).toBeUndefined();
  expect(inheritedSockets(passed("authentication", 8), 7)).toBeUndefined();
});

test("a socket whose name says nothing is refused", () => {
  expect(() => inheritedSockets(passed("portcullis.socket"), 7)).toThrow(
    'systemd passes a socket named "portcullis.socket": FileDescriptorName must be authentication, accounting, radsec',
  );
});

/** Answers each datagram with itself, from the socket that it was started with. */
const ECHO = `
  import { bindUdp } from "./radius-edge/udp-socket.ts";
  import { inheritedSockets } from "./radius-edge/inherited-sockets.ts";
  const { authentication: fd } = inheritedSockets(process.env, process.pid);
  const place = { host: "127.0.0.1", port: 1, variable: "none", fd };
  const socket = await bindUdp(place, (bytes, { port, address }) => socket.send(bytes, port, address));
  console.log("bound");
`;
const LOADER = new URL("../support/typescript-loader.mjs", `file://${__filename}`).href;

test("what comes to a socket that was bound before is heard, and answered from it", async () => {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  const { fd } = (socket as Socket & { readonly _handle: { readonly fd: number } })._handle;
  const node = `exec "${process.execPath}" --import 'data:text/javascript,import{register}from"node:module";register("${LOADER}")' --input-type=module --eval "$ECHO"`;
  const child = spawn("sh", ["-c", `export LISTEN_PID=$$; ${node}`], {
    env: { PATH: process.env["PATH"], ECHO, LISTEN_FDS: "1", LISTEN_FDNAMES: "authentication" },
    stdio: ["ignore", "pipe", "inherit", fd],
  });
  socket.close();
  const ended = once(child, "exit");
  const client = createSocket("udp4");
  // In any case the child must end.
  const patience = { signal: AbortSignal.timeout(20_000) };
  try {
    const said = await Promise.race([once(child.stdout!, "data", patience), ended]);
    expect(String(said[0])).toBe("bound\n");
    client.send("hear me", port, "127.0.0.1");
    const [heard] = (await once(client, "message", patience)) as [Buffer];
    expect(heard.toString()).toBe("hear me");
  } finally {
    client.close();
    child.kill();
    await ended;
  }
});
