import type { Context } from "hono";
import type { AccessNote, Shown } from "../engine/access/accesses.ts";
import { noteAccess } from "../engine/access/accesses.ts";
import type { Cairn } from "../engine/runtime.ts";
import { CairnError } from "../errors.ts";
import type { ApiEnvironment } from "./environment.ts";
import type { Shows } from "./route-table.ts";

type Answer = Response | undefined;

/**
 * The step between the guard and the answer of a route that shows learners: nothing leaves without its line in the log of accesses.
 * It stands outside the step that gives a kept answer again, since that shows a learner again. A line that cannot be written takes the
 * answer with it. Requests that show nobody (one that does not fit, a fault of our own) leave none.
 */
export async function leavingLine(
  cairn: Cairn,
  note: AccessNote,
  shows: Exclude<Shows, "nobody">,
  context: Context<ApiEnvironment>,
  answer: () => Promise<Answer>,
): Promise<Answer> {
  context.set("access", note);
  const given = await answer();
  if (context.get("isNoted") === true) return given;
  const response = given ?? context.res;
  const isShown = response.ok || response.status === 304;
  if (!isShown && response.status !== 403 && response.status !== 404) return given;
  const told = await whom(context, shows, response);
  if (told !== undefined) await noteAccess(cairn, note, isShown && told.isShown ? "shown" : "refused", told.shown);
  return given;
}

interface Told {
  readonly shown: Shown;
  /** False where the answer is there and the learner is not in it. */
  readonly isShown: boolean;
}

/** Whom the answer is about; undefined where nobody was asked for. */
async function whom(context: Context<ApiEnvironment>, shows: Shows, response: Response): Promise<Told | undefined> {
  const one = (learner: unknown, isShown = true): Told | undefined =>
    learner === null || typeof learner === "string" ? { shown: { by: "number", ids: [learner] }, isShown } : undefined;
  switch (shows) {
    case "address":
      return one(context.req.param("learner"));
    case "query":
      return one(context.req.query("learner"));
    case "body":
      return one((await bodyOf(context.req)).learner);
    case "next": {
      const next = (await bodyOf(context.req)).next as { learner?: unknown } | undefined;
      if (next === undefined) return undefined;
      return one(next.learner, "playlist" in (await bodyOf(response.clone())));
    }
    case "alert": {
      const { learner } = (await bodyOf(response.clone())) as { learner?: { number: string | null } | null };
      return response.ok ? one(learner?.number ?? null) : undefined;
    }
    default: {
      const shown = context.get("shown");
      if (shown !== undefined) return { shown, isShown: true };
      if (!response.ok) return undefined;
      throw new CairnError("INTERNAL", "expected a route that shows a list to say whom it showed, got nothing");
    }
  }
}

async function bodyOf(message: { json(): Promise<unknown> }): Promise<Readonly<Record<string, unknown>>> {
  return ((await message.json()) ?? {}) as Readonly<Record<string, unknown>>;
}
