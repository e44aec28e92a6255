/**
 * A NAS that acknowledges every CoA after a round trip's time, and tells its parent, when asked, how many have come since it
 * asked last. Its only output is one line: where. It ends with its parent.
 */
import { hash } from "node:crypto";
import { createSocket } from "node:dgram";
import { ROUND_TRIP_MS } from "../coa/round-trip.ts";
import { SECRET } from "../load/requests.ts";

const COA_REQUEST = 43;
const COA_ACK = 44;
const NO_AUTHENTICATOR = Buffer.alloc(16);

let received = 0;
const socket = createSocket({ type: "udp4", recvBufferSize: 4 * 1_024 * 1_024 });
socket.on("message", (request, { port, address }) => {
  if (request[0] !== COA_REQUEST || !authenticatorOf(request, NO_AUTHENTICATOR).equals(request.subarray(4, 20))) return;
  received++;
  const answer = Buffer.concat([Buffer.from([COA_ACK, request[1]!, 0, 20]), request.subarray(4, 20)]);
  authenticatorOf(answer, request.subarray(4, 20)).copy(answer, 4);
  setTimeout(() => socket.send(answer, port, address, () => undefined), ROUND_TRIP_MS);
});
socket.bind(0, "127.0.0.1", () => process.stdout.write(`takes CoA on ${socket.address().port}\n`));
process.on("message", () => {
  process.send!(received);
  received = 0;
});
process.on("disconnect", () => process.exit());

/** RFC 5176 §2.3: MD5 over code, identifier, length, an authenticator, the attributes and the secret. */
function authenticatorOf(packet: Buffer, authenticator: Buffer): Buffer {
  const parts = [packet.subarray(0, 4), authenticator, packet.subarray(20), Buffer.from(SECRET)];
  return hash("md5", Buffer.concat(parts), "buffer");
}
