import { fastify, LogController } from "fastify";
import type { FastifyInstance } from "fastify";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { requireToken } from "./plugins/authentication.ts";
import { answerFailures } from "./plugins/errors.ts";
import { reportHealth } from "./plugins/health.ts";
import { acceptLooseInput } from "./plugins/leniency.ts";
import { describeApi } from "./plugins/openapi.ts";
import { singleClientRoutes } from "./routes/client.ts";
import { clientRoutes } from "./routes/clients.ts";
import { constantRoutes } from "./routes/constants.ts";
import { crlRoutes } from "./routes/crls.ts";
import { eventRoutes } from "./routes/events.ts";
import { labelRoutes } from "./routes/labels.ts";
import { linkedAccountRoutes } from "./routes/linked-accounts.ts";
import { localUserRoutes } from "./routes/local-users.ts";
import { nasRoutes } from "./routes/nases.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { settingRoutes } from "./routes/settings.ts";
import { ssoRoutes } from "./routes/ssos.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { CheckAnswer, Client } from "./schemas/client-detail.ts";
import { ClientPage, CoaAnswer, MistClient } from "./schemas/client.ts";
import { Count, Detail, Problem } from "./schemas/common.ts";
import { Crl, Crls } from "./schemas/crl.ts";
import { Event, EventDefinition, EventPage } from "./schemas/event.ts";
import { Label } from "./schemas/label.ts";
import { LinkedAccounts, LinkTest } from "./schemas/linked-account.ts";
import { LocalUser } from "./schemas/local-user.ts";
import { Nas } from "./schemas/nas.ts";
import { NasProfile } from "./schemas/nas-profile.ts";
import { Rule } from "./schemas/rule.ts";
import { Setting } from "./schemas/setting.ts";
import { Sso } from "./schemas/sso.ts";
import { Self, Token } from "./schemas/token.ts";

const FAILURES = [Detail, Problem];
const CLIENTS = [MistClient, ClientPage, Client, CheckAnswer, CoaAnswer, Event, EventPage, EventDefinition, Count];
const PEOPLE = [LocalUser, Sso];
const SHARED = [
  ...FAILURES,
  Self,
  Token,
  LinkedAccounts,
  LinkTest,
  Label,
  Rule,
  ...CLIENTS,
  Nas,
  NasProfile,
  Setting,
  Crl,
  Crls,
  ...PEOPLE,
];
const NOUNS = [
  tokenRoutes,
  linkedAccountRoutes,
  labelRoutes,
  ruleRoutes,
  clientRoutes,
  singleClientRoutes,
  eventRoutes,
  nasRoutes,
  settingRoutes,
  crlRoutes,
  localUserRoutes,
  ssoRoutes,
  constantRoutes,
];
/** A certificate chain with its key fits many times. */
const BODY_LIMIT_BYTES = 1024 * 1024;

/** The whole API, ready to listen or to be asked by `inject`. */
export async function buildApp(deps: ApiDependencies): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: deps.log,
    // A console polls: one line per request would bury what matters. Failures are logged in plugins/errors.ts.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    ajv: {
      // A misspelt field is a refusal, not a field that vanishes.
      customOptions: { removeAdditional: false, coerceTypes: "array", allErrors: true },
    },
  }) as unknown as Api;
  answerFailures(app);
  acceptLooseInput(app);
  for (const schema of SHARED) app.addSchema(schema);
  await describeApi(app, deps.version);
  reportHealth(app, deps);
  await app.register(
    async (scope: Api) => {
      requireToken(scope, deps.store);
      for (const routes of NOUNS) routes(scope, deps);
    },
    { prefix: "/api/v1" },
  );
  return app as unknown as FastifyInstance;
}
