import { Counter } from "prom-client";
import { createMetrics, serveMetrics } from "../../runtime/metrics.ts";

test("metrics and health are served with the role as label", async () => {
  const metrics = createMetrics("relay");
  new Counter({ name: "portcullis_wishes_total", help: "wishes delivered", registers: [metrics] }).inc(3);
  const answers: (string | undefined)[] = ["Temporal does not answer", undefined];
  const lack = async () => answers.shift();
  const server = await serveMetrics(metrics, { host: "127.0.0.1", port: 0, lack });
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  expect((await get("/metrics")).text).toContain('portcullis_wishes_total{role="relay"} 3');
  expect(await get("/healthz")).toEqual({ status: 200, text: "ok\n" });
  expect(await get("/readyz")).toEqual({ status: 503, text: "Temporal does not answer\n" });
  expect(await get("/readyz")).toEqual({ status: 200, text: "ready\n" });
  const told = await serveMetrics(metrics, { host: "127.0.0.1", port: 0, lack, describe: () => ({ age: 7 }) });
  const readiness = await fetch(`http://127.0.0.1:${told.port}/readyz`);
  expect([readiness.status, await readiness.json()]).toEqual([200, { age: 7 }]);
  await told.close();
  expect((await get("/other")).status).toBe(404);
  await expect(serveMetrics(metrics, { host: "127.0.0.1", port: server.port, lack })).rejects.toThrow(
    `port ${server.port} on 127.0.0.1 is taken: set PORTCULLIS_METRICS_PORT to a free one`,
  );
  await server.close();
});
