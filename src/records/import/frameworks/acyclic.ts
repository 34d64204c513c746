/**
 * A directed graph that stays free of cycles: an edge that would close one is told at once, and not added. Keeps a topological
 * order and repairs only the part between the ends of a new edge, so a whole framework costs little more than its edges.
 * @see Pearce & Kelly (2006), A Dynamic Topological Sort Algorithm for Directed Acyclic Graphs, ACM JEA 11, 1.7
 */
export class AcyclicGraph {
  readonly #order = new Map<string, number>();
  readonly #after = new Map<string, Set<string>>();
  readonly #before = new Map<string, Set<string>>();

  /** Adds an edge. @returns false, with the graph unchanged, when it closes a cycle (a loop at one node is one) */
  add(from: string, to: string): boolean {
    if (from === to) return false;
    const start = this.#place(to);
    const end = this.#place(from);
    if (start < end && !this.#reorder(from, to, start, end)) return false;
    this.#after.get(from)!.add(to);
    this.#before.get(to)!.add(from);
    return true;
  }

  #place(node: string): number {
    let place = this.#order.get(node);
    if (place === undefined) {
      place = this.#order.size;
      this.#order.set(node, place);
      this.#after.set(node, new Set());
      this.#before.set(node, new Set());
    }
    return place;
  }

  /** Moves what `from` needs before what `to` leads to; false when `to` leads to `from`. */
  #reorder(from: string, to: string, start: number, end: number): boolean {
    const ahead = this.#reach(to, this.#after, (place) => place <= end);
    if (ahead.has(from)) return false;
    const behind = this.#reach(from, this.#before, (place) => place >= start);
    const byOrder = (nodes: Set<string>): string[] =>
      [...nodes].sort((a, b) => this.#order.get(a)! - this.#order.get(b)!);
    const moved = [...byOrder(behind), ...byOrder(ahead)];
    const places = moved.map((node) => this.#order.get(node)!).sort((a, b) => a - b);
    for (const [i, node] of moved.entries()) this.#order.set(node, places[i]!);
    return true;
  }

  #reach(
    from: string,
    edges: ReadonlyMap<string, ReadonlySet<string>>,
    within: (place: number) => boolean,
  ): Set<string> {
    const seen = new Set([from]);
    const open = [from];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const next of edges.get(node)!) {
        if (seen.has(next) || !within(this.#order.get(next)!)) continue;
        seen.add(next);
        open.push(next);
      }
    }
    return seen;
  }
}
