import type { Body, Descriptor } from "../body.ts";
import type { Kept } from "../kept.ts";
import type { EdFiContext, EdFiRecord, ResourceMapping } from "../mapping.ts";
import { incidentId, keptRecord, record, studentOf } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";
import { readParticipation, readSeverity } from "../vocabularies.ts";

/** Incidents: when and where. Who reported one, and people from outside, are not kept: nobody needs their names. */
export const incidents: ResourceMapping = {
  resource: "disciplineIncidents",
  targets: [targets.kept],
  map(body, context) {
    const id = body.key("disciplineIncidents", ["schoolReference.schoolId", "incidentIdentifier"], true);
    const behavior = body.items("behaviors")[0]?.descriptor("behaviorDescriptor") ?? null;
    return [
      keptRecord(body, context, "disciplineIncidents", id, {
        date: body.requiredDate("incidentDate"),
        location: body.descriptor("incidentLocationDescriptor")?.code ?? null,
        behavior: behavior?.raw ?? null,
      }),
    ];
  },
};

const associations = "studentDisciplineIncidentBehaviorAssociations";

/** What the school did, by student and incident; it is told with the student's part in the incident. */
export const actions: ResourceMapping = {
  resource: "disciplineActions",
  targets: [targets.keptOfStudent],
  map(body, context) {
    const student = studentOf(body);
    const date = body.requiredDate("disciplineDate");
    const id = body.key(
      "disciplineActions",
      ["studentReference.studentUniqueId", "disciplineActionIdentifier", "disciplineDate"],
      true,
    );
    const disciplines = body.items("disciplines").flatMap((item) => item.descriptor("disciplineDescriptor") ?? []);
    if (disciplines.length === 0) body.fail("disciplines", "MISSING", "expected what was done, got no discipline");
    const days = body.number("actualDisciplineActionLength") ?? body.number("disciplineActionLength");
    const incidents = incidentsOf(body);
    const cells = {
      student,
      incidents: JSON.stringify(incidents),
      raw: disciplines.map(({ raw }) => raw).join(" "),
      action: disciplines.map(actionName).join(" + "),
      days,
      date,
    };
    return [keptRecord(body, context, "disciplineActions", id, cells, student)];
  },
};

/** The incidents an action answers: through the behavior, before Data Standard 5 through the student's association. */
function incidentsOf(body: Body): string[] {
  const through = [
    ...body
      .items(associations)
      .map((item) => incidentId(item, "studentDisciplineIncidentBehaviorAssociationReference")),
    ...body
      .items("studentDisciplineIncidentAssociations")
      .map((item) => incidentId(item, "studentDisciplineIncidentAssociationReference")),
  ];
  return [...new Set(through.filter((incident) => incident !== null))];
}

function actionName({ code }: Descriptor): string {
  return code
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

interface Action {
  readonly action: string;
  readonly raw: string;
  readonly days: number | null;
}

// Actions come before the behaviors they answer, so the index is made once, when the first behavior asks.
const indexes = new WeakMap<Kept, Map<string, Action[]>>();

function actionIndex(kept: Kept): Map<string, Action[]> {
  let index = indexes.get(kept);
  if (index === undefined) {
    index = new Map();
    for (const cells of kept.all("disciplineActions").values()) {
      const action = { action: String(cells.action), raw: String(cells.raw), days: cells.days as number | null };
      for (const incident of JSON.parse(String(cells.incidents)) as string[]) {
        const key = `${cells.student} ${incident}`;
        index.set(key, [...(index.get(key) ?? []), action]);
      }
    }
    indexes.set(kept, index);
  }
  return index;
}

/** Everything done about a student's part in an incident, as one text and the days of all of it. */
function actionsOn(context: EdFiContext, student: string, incident: string): Action | undefined {
  const found = actionIndex(context.kept).get(`${student} ${incident}`);
  if (found === undefined) return undefined;
  const days = found.flatMap((action) => action.days ?? []);
  return {
    action: found.map(({ action }) => action).join(" + "),
    raw: found.map(({ raw }) => raw).join(" "),
    days: days.length === 0 ? null : days.reduce((sum, value) => sum + value, 0),
  };
}

/** A student's part in an incident, as one record; a behavior counts for nobody but the one it is said of. */
function participation(
  body: Body,
  context: EdFiContext,
  id: string,
  codes: readonly Descriptor[],
  said: Descriptor | null,
): EdFiRecord[] {
  const student = studentOf(body);
  const incident = incidentId(body, "disciplineIncidentReference", true);
  const known = context.kept.get("disciplineIncidents", incident);
  if (incident === null) return [];
  if (known === undefined) {
    body.fail(
      "disciplineIncidentReference",
      "DANGLING",
      "expected an incident that is in the record, got one that is not there",
    );
    return [];
  }
  const ofIncident = typeof known.behavior === "string" ? known.behavior : null;
  const behavior = said ?? (ofIncident === null ? null : { raw: ofIncident, code: ofIncident.split("#").at(-1)! });
  const part = codes.length === 0 ? presumed(body) : readParticipation(body, codes);
  const done = part === "perpetrator" ? actionsOn(context, student, incident) : undefined;
  const onDate = String(known.date);
  const values = [
    incident.slice("disciplineIncidents/".length),
    onDate,
    readSeverity(body, behavior),
    behavior?.raw ?? null,
    part,
    done?.action ?? null,
    done?.raw ?? null,
    done?.days ?? null,
    known.location as string | null,
  ];
  return [
    record(body, context, targets.behaviorIncident, id, values, {
      person: student,
      ownDate: onDate,
      validFrom: onDate,
    }),
  ];
}

/** A behavior that names no part is the behavior of this student: that is what the resource is for. */
function presumed(body: Body): "perpetrator" {
  body.lenient("disciplineIncidentParticipationCodes: none given, the behavior taken as the student's own");
  return "perpetrator";
}

/** A student's behavior in an incident. */
export const behaviors: ResourceMapping = {
  resource: associations,
  targets: [targets.behaviorIncident],
  map(body, context) {
    const id = body.key(
      associations,
      [
        "studentReference.studentUniqueId",
        "disciplineIncidentReference.schoolId",
        "disciplineIncidentReference.incidentIdentifier",
        "behaviorDescriptor",
      ],
      true,
    );
    const codes = body
      .items("disciplineIncidentParticipationCodes")
      .flatMap((item) => item.descriptor("disciplineIncidentParticipationCodeDescriptor") ?? []);
    return participation(body, context, id ?? "", codes, body.descriptor("behaviorDescriptor"));
  },
};

/** Victims, witnesses and reporters. */
export const nonOffenders: ResourceMapping = {
  resource: "studentDisciplineIncidentNonOffenderAssociations",
  targets: [targets.behaviorIncident],
  map(body, context) {
    const listed = body
      .items("disciplineIncidentParticipationCodes")
      .flatMap((item) => item.descriptor("disciplineIncidentParticipationCodeDescriptor") ?? []);
    // Whatever a code says here, the resource is of those who did not do it.
    const codes = listed.filter(({ code }) => code.toLowerCase() !== "perpetrator");
    const witness = { raw: "Witness", code: "Witness" };
    return participation(
      body,
      context,
      ownId("studentDisciplineIncidentNonOffenderAssociations", body),
      codes.length === 0 ? [witness] : codes,
      null,
    );
  },
};

/** The one association of Data Standard 4 and before: a part in an incident, with the behaviors of that student. */
export const formerAssociations: ResourceMapping = {
  resource: "studentDisciplineIncidentAssociations",
  targets: [targets.behaviorIncident],
  map(body, context) {
    const code = body.descriptor("studentParticipationCodeDescriptor");
    const id = ownId("studentDisciplineIncidentAssociations", body);
    const said = body.items("behaviors").flatMap((item) => item.descriptor("behaviorDescriptor") ?? []);
    const codes = code === null ? [] : [code];
    if (said.length === 0) return participation(body, context, id, codes, null);
    return said.flatMap((behavior) => participation(body, context, `${id}/${behavior.code}`, codes, behavior));
  },
};

function ownId(resource: string, body: Body): string {
  const incident = ["disciplineIncidentReference.schoolId", "disciplineIncidentReference.incidentIdentifier"];
  return body.key(resource, ["studentReference.studentUniqueId", ...incident], true) ?? "";
}
