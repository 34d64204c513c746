import { context as active, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";

/**
 * A span of OpenTelemetry per request, a child of the caller's where `traceparent` came along. It holds the method, the route's
 * pattern and the status: a path names a learner and an error's words may, so neither is in it, as they are in the spans of
 * ready-made middleware. Without a registered tracer provider it costs nothing.
 */
export const traced: MiddlewareHandler = (context, next) => {
  const parent = propagation.extract(active.active(), context.req.header());
  const { method } = context.req;
  return trace.getTracer("cairn").startActiveSpan(method, { kind: SpanKind.SERVER }, parent, async (span) => {
    try {
      await next();
    } finally {
      const route = matchedRoutes(context).at(-1)?.path ?? "none";
      span.updateName(`${method} ${route}`);
      span.setAttributes({
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": context.res.status,
      });
      if (context.res.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }
  });
};
