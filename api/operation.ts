import type { TSchema } from "typebox";
import { Detail, Problem, ref } from "./schemas/common.ts";

interface Description<Body, Query, Path, Answer> {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly description?: string;
  readonly body?: Body;
  readonly querystring?: Query;
  readonly params: Path;
  readonly answer: Answer;
}

type Absent = undefined;

/** Route options of a path that has Mist's shape: failures are `{"detail"}`. */
export function mistOperation<
  Answer extends TSchema,
  Path extends TSchema,
  Body extends TSchema | Absent = Absent,
  Query extends TSchema | Absent = Absent,
>(description: Description<Body, Query, Path, Answer>) {
  return { schema: schemaOf(description, ref(Detail)), config: { failures: "mist" as const } };
}

/** Route options of a path of our own: failures are problem details. */
export function ownOperation<
  Answer extends TSchema,
  Path extends TSchema,
  Body extends TSchema | Absent = Absent,
  Query extends TSchema | Absent = Absent,
>(description: Description<Body, Query, Path, Answer>) {
  const failure = { description: "failure", content: { "application/problem+json": { schema: ref(Problem) } } };
  return { schema: schemaOf(description, failure), config: { failures: "problem" as const } };
}

function schemaOf<Answer, Path, Body, Query, Failure>(
  {
    operationId,
    summary,
    tags,
    description,
    body,
    querystring,
    params,
    answer,
  }: Description<Body, Query, Path, Answer>,
  failure: Failure,
) {
  return {
    operationId,
    summary,
    tags: [...tags],
    ...(description === undefined ? {} : { description }),
    params,
    ...((body === undefined ? {} : { body }) as Body extends Absent ? object : { body: Body }),
    ...((querystring === undefined ? {} : { querystring }) as Query extends Absent ? object : { querystring: Query }),
    response: { 200: answer, "4xx": failure, "5xx": failure },
  };
}
