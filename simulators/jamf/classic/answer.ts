import type { FastifyReply, FastifyRequest } from "fastify";
import { toXml, type XmlStyle } from "../../xml.ts";

/** `<criteria>` and the memberships of a computer name their entries otherwise than by dropping an s. */
const STYLE: XmlStyle = { sizes: true, entries: { criteria: "criterion", computer_group_memberships: "group" } };

/** A Classic answer is an object of one field, which is also the root element in XML, the notation by default. */
export function sendClassic(request: FastifyRequest, reply: FastifyReply, name: string, value: object): FastifyReply {
  // Recorded JSON answers of a live server are typed as plain text.
  if (/json/i.test(request.headers.accept ?? "")) {
    return reply.type("text/plain;charset=UTF-8").send(JSON.stringify({ [name]: value }));
  }
  return reply.type("text/xml;charset=UTF-8").send(toXml(name, value, STYLE));
}

type Reason = { readonly title: string; readonly sentence: string; readonly section: string };

/** The reasons that Classic gives, with the sections of RFC 2616 that its page links to. */
const REASONS: Readonly<Record<number, Reason>> = {
  401: { title: "Unauthorized", sentence: "The request requires user authentication", section: "10.4.2" },
  403: {
    title: "Forbidden",
    sentence: "The server understood the request, but is refusing to fulfill it",
    section: "10.4.4",
  },
  404: {
    title: "Not Found",
    sentence: "The server has not found anything matching the request URI",
    section: "10.4.5",
  },
  503: {
    title: "Service Unavailable",
    sentence: "The server is currently unable to handle the request",
    section: "10.5.4",
  },
};
const OTHER: Reason = {
  title: "Internal Server Error",
  sentence: "The server met an unexpected condition",
  section: "10.5.1",
};

/** Failures are a page for people, whatever was asked for; only the status code is to be trusted. */
export function sendStatusPage(reply: FastifyReply, status: number): FastifyReply {
  const { title, sentence, section } = REASONS[status] ?? OTHER;
  const page = `<html>
<head>
   <title>Status page</title>
</head>
<body style="font-family: sans-serif;">
<p style="font-size: 1.2em;font-weight: bold;margin: 1em 0px;">${title}</p>
<p>${sentence}</p>
<p>You can get technical details <a href="http://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec${section}">here</a>.<br>
Please continue your visit at our <a href="/">home page</a>.
</p>
</body>
</html>
`;
  return reply.code(status).type("text/html;charset=UTF-8").send(page);
}
