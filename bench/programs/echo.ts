/** The floor: what Node needs to take a datagram and send it back. Its only output is one line: where. */
import { createSocket } from "node:dgram";

const socket = createSocket({ type: "udp4", recvBufferSize: 4 * 1_024 * 1_024 });
socket.on("message", (datagram, { port, address }) => socket.send(datagram, port, address, () => undefined));
socket.bind(0, "127.0.0.1", () => process.stdout.write(`echoes on ${socket.address().port}\n`));
process.on("disconnect", () => process.exit());
