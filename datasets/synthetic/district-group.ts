import { writeSectionRows } from "./district-rows.ts";
import { openRows } from "./export-rows.ts";
import { drawLearner } from "./learner.ts";
import { LifeSimulator } from "./learner-life.ts";
import { drawMover, type MoverOptions } from "./movers.ts";
import type { Row } from "./row-buffer.ts";
import { learnersOf } from "./school-groups.ts";
import { World, type WorldOptions } from "./world.ts";

/** Everything a thread must know to write its part of a district. */
export interface GroupOptions {
  readonly world: WorldOptions;
  readonly movers: MoverOptions | undefined;
}

/** Rows of one file. */
export interface FilePiece {
  readonly name: string;
  /** Text as UTF-8. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rows: number;
  /** The first row of the group, in the group's first piece. */
  readonly first: Row | undefined;
}

/** What a few learners of a group come to; a group's pieces follow each other. */
export interface GroupPiece {
  readonly learners: number;
  readonly files: readonly FilePiece[];
  /** School year's number → learners of the group enrolled in it; in the group's last piece, empty before. */
  readonly enrolled: readonly (readonly [year: number, learners: number])[];
}

const LEARNERS_PER_PIECE = 24; // some three megabytes: small enough to hold, large enough to write at once

/** Writes groups of schools of one district; every thread has its own. */
export class GroupWriter {
  private readonly world: World;
  private readonly movers: MoverOptions | undefined;

  constructor({ world, movers }: GroupOptions) {
    this.world = new World(world);
    this.movers = movers;
  }

  /** The rows of a group, piece by piece: its learners, the movers (in the first group), its classes. */
  *write(group: number): Generator<GroupPiece> {
    const { world } = this;
    const { students, cutoff } = world.options;
    const out = openRows(cutoff, world.districtCode, world.curriculum);
    const life = new LifeSimulator(world, out);
    const told = new Set<string>();
    const piece = (learners: number, last: boolean): GroupPiece => {
      const files: FilePiece[] = [];
      for (const [name, buffer] of out.all) {
        const { bytes, rows } = buffer.take();
        if (rows === 0) continue;
        files.push({ name, bytes, rows, first: told.has(name) ? undefined : buffer.first });
        told.add(name);
      }
      return { learners, files, enrolled: last ? [...life.enrolled] : [] };
    };
    let waiting = 0;
    for (const index of learnersOf(group, students)) {
      life.live(drawLearner(world.seed, index, students, world.firstYear));
      if (++waiting < LEARNERS_PER_PIECE) continue;
      yield piece(waiting, false);
      waiting = 0;
    }
    if (group === 0 && this.movers !== undefined) this.writeMovers(life, this.movers);
    const { used, workOf } = life.sections();
    writeSectionRows(out, world, used, workOf);
    world.forgetLots();
    yield piece(waiting, true);
  }

  private writeMovers(life: LifeSimulator, movers: MoverOptions): void {
    const { world } = this;
    const origin = movers.origin === undefined ? world : new World(movers.origin);
    const unseen = openRows(world.options.cutoff, origin.districtCode, origin.curriculum);
    const before = new LifeSimulator(origin, unseen);
    for (let number = 0; number < movers.learners; number++) {
      const { learner, year, week } = drawMover(movers.seed, number, origin, world);
      if (origin === world) life.liveUntil(learner, year, week);
      else {
        const there = drawMover(movers.seed, number, origin, origin).learner;
        life.liveFrom(learner, { life: before, learner: there }, year, week);
        for (const buffer of unseen.all.values()) buffer.take();
      }
    }
  }
}
