import { EventEmitter } from "node:events";
import { listenForStop, whenAborted } from "../../../cli/supervisor/stop-request.ts";

test.each(["SIGINT", "SIGTERM", "SIGHUP", "disconnect"])(
  "the first %s stops; within a second it is the same wish; later it is impatience",
  async (event) => {
    let impatient = 0;
    let nowMs = 5_000;
    const signals = new EventEmitter();
    const stop = listenForStop(() => impatient++, { signals, clock: () => nowMs });
    expect(stop.aborted).toBe(false);
    signals.emit(event);
    await whenAborted(stop);
    nowMs += 1_000;
    signals.emit("SIGINT");
    expect(impatient).toBe(0);
    nowMs += 1;
    signals.emit("SIGINT");
    expect(impatient).toBe(1);
  },
);
