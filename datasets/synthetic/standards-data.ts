/** A standard of the synthetic curriculum, with the standards it builds on. */
export interface StandardFact {
  /** The code of the Common Core State Standards for Mathematics. */
  readonly code: string;
  /** 4 … 9; high-school standards of the first algebra course count as 9. */
  readonly grade: number;
  /** What a learner can do, in our own words. */
  readonly label: string;
  /** Codes of standards that come earlier in this list. */
  readonly requires: readonly string[];
}

const fact = (grade: number, code: string, label: string, requires = ""): StandardFact => ({
  code,
  grade,
  label,
  requires: requires === "" ? [] : requires.split(" "),
});

/**
 * 48 mathematics standards of grades 4 to 9 in teaching order. Codes and edges are facts taken from the Coherence Map of
 * Student Achievement Partners (CC0), of which this is a small part: an edge is left out where one end is.
 */
export const standardFacts: readonly StandardFact[] = [
  fact(4, "4.OA.A.2", "Solve problems about times as many"),
  fact(4, "4.NBT.A.1", "Know what a digit is worth in its place"),
  fact(4, "4.NBT.B.4", "Add and subtract many-digit whole numbers", "4.NBT.A.1"),
  fact(4, "4.NBT.B.5", "Multiply many-digit whole numbers", "4.NBT.A.1"),
  fact(4, "4.NBT.B.6", "Divide by a one-digit number", "4.NBT.A.1 4.NBT.B.5"),
  fact(4, "4.NF.A.1", "Find equal fractions", "4.OA.A.2"),
  fact(4, "4.NF.A.2", "Compare two fractions", "4.NF.A.1"),
  fact(4, "4.NF.C.7", "Compare two decimals", "4.NF.A.2"),
  fact(5, "5.NBT.A.1", "Move between places: ten times, one tenth", "4.NBT.A.1 4.NF.C.7"),
  fact(5, "5.NBT.B.5", "Multiply whole numbers with the usual method", "4.NBT.B.4 4.NBT.B.5 5.NBT.A.1"),
  fact(5, "5.NBT.B.6", "Divide by a two-digit number", "4.NBT.B.4 4.NBT.B.6 5.NBT.A.1 5.NBT.B.5"),
  fact(5, "5.NF.A.1", "Add fractions of different size", "4.NF.A.1"),
  fact(5, "5.NF.B.3", "Read a fraction as a division", "4.OA.A.2"),
  fact(5, "5.NF.B.4", "Multiply by a fraction"),
  fact(5, "5.NF.B.5", "See multiplying as scaling", "4.OA.A.2 4.NF.A.1 5.NF.B.4"),
  fact(5, "5.NF.B.7", "Divide with unit fractions"),
  fact(6, "6.RP.A.1", "Say what a ratio means", "4.OA.A.2 5.NF.B.5"),
  fact(6, "6.RP.A.2", "Find a rate for one unit", "4.OA.A.2 5.NF.B.3 5.NF.B.7 6.RP.A.1"),
  fact(6, "6.NS.A.1", "Divide a fraction by a fraction", "5.NF.B.7"),
  fact(6, "6.NS.B.3", "Calculate with decimals", "5.NBT.B.5 5.NBT.B.6"),
  fact(6, "6.EE.A.1", "Write and work out powers"),
  fact(6, "6.EE.A.2", "Read and write expressions with letters", "6.EE.A.1"),
  fact(6, "6.EE.A.3", "Find equal expressions", "6.EE.A.2"),
  fact(6, "6.EE.B.7", "Solve one-step equations", "5.NF.A.1 5.NF.B.4 6.NS.A.1"),
  fact(7, "7.RP.A.1", "Find unit rates of fractions", "6.RP.A.2"),
  fact(7, "7.RP.A.2", "Recognise what is proportional", "6.RP.A.2 7.RP.A.1"),
  fact(7, "7.RP.A.3", "Solve percent problems", "7.RP.A.2"),
  fact(7, "7.NS.A.1.d", "Add and subtract signed numbers", "5.NF.A.1"),
  fact(7, "7.NS.A.2.c", "Multiply and divide signed numbers", "5.NF.B.4 6.NS.A.1"),
  fact(7, "7.NS.A.3", "Solve problems with signed numbers", "6.NS.B.3 7.NS.A.1.d 7.NS.A.2.c"),
  fact(7, "7.EE.A.1", "Expand and factor linear expressions", "6.EE.A.3"),
  fact(7, "7.EE.B.4.a", "Solve two-step equations", "6.EE.B.7 7.NS.A.3"),
  fact(8, "8.EE.A.1", "Use the rules of powers", "6.EE.A.1"),
  fact(8, "8.EE.B.5", "Graph proportions and read the slope", "7.RP.A.2"),
  fact(8, "8.EE.B.6", "Explain slope and write a line's equation", "7.RP.A.2"),
  fact(8, "8.EE.C.7.b", "Solve linear equations of several steps", "7.EE.A.1 7.EE.B.4.a"),
  fact(8, "8.EE.C.8", "Solve two linear equations together", "7.EE.B.4.a 8.EE.B.6"),
  fact(8, "8.F.A.1", "Know what a function is", "7.RP.A.2"),
  fact(8, "8.F.A.3", "Tell linear functions from others", "8.EE.B.6 8.F.A.1"),
  fact(8, "8.F.B.4", "Build a linear function from a situation", "7.RP.A.2 8.F.A.3"),
  fact(9, "HS.A-SSE.A.1", "Read the parts of an expression", "6.EE.A.2"),
  fact(9, "HS.A-SSE.A.2", "Rewrite an expression by its structure", "7.EE.A.1"),
  fact(9, "HS.A-APR.A.1", "Add and multiply polynomials", "7.EE.A.1 8.EE.A.1"),
  fact(9, "HS.A-REI.D.10", "See a graph as all solutions", "8.EE.B.5 8.EE.B.6 8.EE.C.8"),
  fact(9, "HS.A-CED.A.2", "Write equations in two variables", "8.EE.C.8 8.F.B.4 HS.A-SSE.A.1 HS.A-REI.D.10"),
  fact(9, "HS.A-REI.C.6", "Solve systems exactly and by graph", "8.EE.C.8 HS.A-REI.D.10"),
  fact(9, "HS.F-IF.A.1", "Use function notation", "8.F.A.1"),
  fact(9, "HS.F-LE.A.2", "Build linear and exponential functions", "8.F.B.4"),
];
