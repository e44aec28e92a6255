import { secret } from "../../domain/secret.ts";
import type { EapContext, PasswordJudgement, RevocationJudgement } from "./method.ts";
import type { Answers, Question } from "./thread-protocol.ts";
import type { EapTlsMaterial } from "./tls-context.ts";

/** The contexts that EAP threads know by number, one for each organization, and who answers what the threads ask. */
export interface ThreadContexts {
  /** The number of what this context's TLS is made of. */
  keyOf(context: EapContext): { readonly key: number; readonly material: EapTlsMaterial };
  /** Asks whom the organization's conversations have now. */
  judge(organization: string, question: Question): Promise<Answers[Question["about"]]>;
}

/** `onReplaced`: nothing will begin under this number any more. */
export function createThreadContexts(onReplaced: (key: number) => void): ThreadContexts {
  const held = new Map<string, { readonly key: number; readonly context: EapContext }>();
  let keys = 0;
  return {
    keyOf(context) {
      const { material } = context.tls;
      const { organization } = material.resumption;
      const before = held.get(organization);
      const isSame = before?.context.tls === context.tls;
      if (before !== undefined && !isSame) onReplaced(before.key);
      const key = isSame ? before.key : ++keys;
      held.set(organization, { key, context });
      return { key, material };
    },
    async judge(organization, question) {
      const context = held.get(organization)?.context;
      switch (question.about) {
        case "password": {
          const { name, password, mac } = question;
          return (await context?.checkPassword?.(name, secret(password), mac)) ?? NOBODY;
        }
        case "certificate":
          return (await context?.revocationOf?.(question.shown)) ?? UNQUESTIONED;
      }
    },
  };
}

/** The organization had someone to judge passwords when the conversation began, and has nobody now. */
const NOBODY: PasswordJudgement = {
  kind: "unavailable",
  sentence: "The organization has neither users nor a directory.",
  answer: "reject",
};

/** It asked for revocation lists when the conversation began, and asks for none now. */
const UNQUESTIONED: RevocationJudgement = { kind: "good", notes: [] };
