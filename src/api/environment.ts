import type { AccessNote, Shown } from "../engine/access/accesses.ts";
import type { Caller } from "../engine/access/keys.ts";

/** What a route knows of the request: who calls, and what its line in the log of accesses needs. The tenant comes from the key or token, never from the request. */
export interface ApiEnvironment {
  Variables: {
    caller: Caller;
    /** On a route that shows learners: what the log of accesses says of the request, for an engine that writes the line itself. */
    access?: AccessNote;
    /** That it has: the line is committed with the answer. */
    isNoted?: boolean;
    /** Whom a list showed. */
    shown?: Shown;
  };
}
