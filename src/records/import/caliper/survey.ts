import type { JsonObject } from "../json.ts";
import { isObject, listOf, numberOf, textOf } from "../json.ts";
import { entityId, member } from "./entities.ts";

/** An answer to a question of a questionnaire, brought to the record's scale. */
export interface SurveyAnswer {
  readonly instrument: string;
  readonly scale: string;
  readonly item: string;
  /** 1 to 5. */
  readonly answer: number;
}

/**
 * The answer a completed questionnaire item holds, when its question has an ordered scale and the selection is a point of it: the
 * first point is 1, the last 5, those between at equal steps. Words of the learner's own are no answer on a scale.
 */
export function readSurveyAnswer(event: JsonObject): SurveyAnswer | undefined {
  const object = isObject(event.object) ? event.object : undefined;
  const question = member(object, "question");
  const item = entityId(object);
  const share = shareOf(question, event.generated);
  if (item === null || share === undefined) return undefined;
  const category = listOf(object?.categories).flatMap((word) => textOf(word) ?? [])[0];
  const parts = /^(.*)\/items?\/[^/]+$/.exec(item);
  return {
    instrument: entityId(object?.isPartOf) ?? parts?.[1] ?? item,
    scale: category ?? "questionnaire",
    item,
    answer: 1 + 4 * share,
  };
}

/** Where between the ends of its scale (0 and 1) a single selection lies. */
function shareOf(question: JsonObject | undefined, generated: unknown): number | undefined {
  const scale = member(question, "scale");
  const selections = isObject(generated) ? listOf(generated.selections).map(String) : [];
  if (scale === undefined || selections.length !== 1) return undefined;
  const [low, high] = [numberOf(scale.minValue), numberOf(scale.maxValue)];
  const value = Number(selections[0]);
  if (low !== null && high !== null && high > low && value >= low && value <= high) return (value - low) / (high - low);
  for (const points of [listOf(scale.itemValues), listOf(scale.itemLabels)]) {
    const place = points.map(String).indexOf(selections[0]!);
    if (place !== -1 && points.length > 1) return place / (points.length - 1);
  }
  return undefined;
}
