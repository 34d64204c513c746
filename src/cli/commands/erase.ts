import type { Command } from "commander";
import {
  destroyOvertaken,
  eraseLearner,
  findOvertaken,
  listCertificates,
  readSnapshots,
} from "../../engine/families/office.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import type { OfficeOptions } from "./disclosures.ts";
import { byOption, officeOf } from "./disclosures.ts";

/** `cairn erase`: what is gone, with its certificate, and the snapshots that still hold what may be held no longer. */
export function registerErase(program: Command): void {
  const parent = program.command("erase").description("erase records, with a certificate");
  const add = (name: string, description: string): Command =>
    parent.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("learner", "erase everything about a learner; refused while a request to inspect is open")
    .argument("<learner>", "the district's own number")
    .requiredOption("--cause <words>", "why: the family's request, a law, an error")
    .addOption(byOption())
    .action(async (learner: string, options: OfficeOptions & { cause: string }) => {
      const context = createContext({ json: options.json ?? false });
      const report = await context.withCairn(async (cairn) =>
        eraseLearner(cairn, await officeOf(cairn, options), learner, options.cause),
      );
      const { certificate, overtaken } = report;
      context.say(`erased; certificate ${certificate.erasureId}, sha256 ${certificate.sha256}`);
      for (const [table, rows] of Object.entries(certificate.rows)) context.say(`  ${table}: ${rows} rows`);
      for (const { id, purpose, asOf } of overtaken) context.say(`  overtaken: snapshot ${id} (${purpose}, ${asOf})`);
      if (overtaken.length > 0) context.say("  destroy them with `cairn erase snapshots --destroy`");
      context.answer(report);
    });

  add("certificates", "every certificate of the district").action(async (options: OfficeOptions) => {
    const context = createContext({ json: options.json ?? false });
    const found = await context.withCairn(async (cairn) =>
      listCertificates(cairn, await requireTenant(cairn, options.tenant)),
    );
    for (const { erasureId, erasedAt, cause, sha256 } of found) {
      context.say(`${erasedAt} ${erasureId} · ${cause} · sha256 ${sha256}`);
    }
    context.answer(found);
  });

  add("snapshots", "every snapshot that was taken, and those that a decision or an erasure has overtaken")
    .option("--destroy", "destroy the overtaken ones, each with a certificate")
    .addOption(byOption())
    .action(async (options: OfficeOptions & { destroy?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const report = await context.withCairn(async (cairn) => {
        const office = await officeOf(cairn, options);
        const overtaken = await findOvertaken(cairn, office.tenantId);
        const destroyed = options.destroy === true ? await destroyOvertaken(cairn, office) : [];
        return { snapshots: await readSnapshots(cairn, office.tenantId), overtaken, destroyed };
      });
      for (const { id, purpose, asOf, createdAt, destroyed } of report.snapshots) {
        context.say(`${createdAt} ${id} · ${purpose} · as of ${asOf}${destroyed === null ? "" : " · destroyed"}`);
      }
      for (const { id, erased, refused, agreementEnded } of report.overtaken) {
        const ended = agreementEnded ? ", its agreement has ended" : "";
        context.say(`overtaken: ${id}: ${erased} erased, ${refused} whose family said no since${ended}`);
      }
      context.answer(report);
    });
}
