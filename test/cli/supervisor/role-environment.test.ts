import { existsSync } from "node:fs";
import { loadConfig } from "../../../runtime/config.ts";
import type { Role } from "../../../runtime/config.ts";
import { roleEnvironment } from "../../../cli/supervisor/role-environment.ts";

function environment(env: NodeJS.ProcessEnv, role: Role = "api", hasSandbox = true) {
  return roleEnvironment(env, role, {
    config: loadConfig(env),
    databaseUrl: "postgres://db/portcullis",
    temporalAddress: "127.0.0.1:7233",
    hasSandbox,
  });
}

test("a role hears where the embedded parts are, and keeps what the operator set", () => {
  expect(environment({ PORTCULLIS_API_PORT: "9", PATH: "/bin" }, "api", false)).toEqual({
    PATH: "/bin",
    PORTCULLIS_API_PORT: "9",
    PORTCULLIS_STATE_DIR: ".portcullis",
    DATABASE_URL: "postgres://db/portcullis",
    TEMPORAL_ADDRESS: "127.0.0.1:7233",
  });
});

test("the simulators' network is open with the sandbox alone, and never against the operator's word", () => {
  const name = "PORTCULLIS_MDM_ALLOWED_NETWORKS";
  expect(environment({})[name]).toBe("127.0.0.0/8");
  expect(environment({}, "api", false)[name]).toBeUndefined();
  expect(environment({ [name]: "10.1.0.0/16" })[name]).toBe("10.1.0.0/16");
});

test("the embedded Temporal is not asked with the operator's namespace or key; their own server is", () => {
  const own = { TEMPORAL_NAMESPACE: "nac", TEMPORAL_API_KEY: "k" };
  expect(environment(own)).not.toHaveProperty("TEMPORAL_NAMESPACE");
  expect(environment(own)).not.toHaveProperty("TEMPORAL_API_KEY");
  expect(environment({ ...own, TEMPORAL_ADDRESS: "cloud:7233" })).toMatchObject(own);
});

test("edge, worker and relay do not share a metrics port", () => {
  const env = { PORTCULLIS_METRICS_PORT: "9464" };
  expect(environment(env, "worker")["PORTCULLIS_METRICS_PORT"]).toBe("9464");
  expect(environment(env, "relay")["PORTCULLIS_METRICS_PORT"]).toBe("9465");
  expect(environment(env, "edge")["PORTCULLIS_METRICS_PORT"]).toBe("9466");
});

test("an edge hears of its OpenSSL settings, if the operator has none of their own", () => {
  expect(existsSync(environment({}, "edge")["OPENSSL_CONF"]!)).toBe(true);
  expect(environment({ OPENSSL_CONF: "/etc/ssl/fips.cnf" }, "edge")["OPENSSL_CONF"]).toBe("/etc/ssl/fips.cnf");
  expect(environment({}, "worker")).not.toHaveProperty("OPENSSL_CONF");
});

test("an edge's young generation is bounded, and of what the operator says the last word is theirs", () => {
  expect(environment({}, "edge")["NODE_OPTIONS"]).toBe("--max-semi-space-size=16");
  const own = "--max-semi-space-size=64 --trace-warnings";
  expect(environment({ NODE_OPTIONS: own }, "edge")["NODE_OPTIONS"]).toBe(`--max-semi-space-size=16 ${own}`);
  expect(environment({}, "worker")).not.toHaveProperty("NODE_OPTIONS");
});
