import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contentHash, modelId, readArtifact, writeArtifact } from "../../../src/engine/registry/artifact-store.ts";
import { loadModel, readModelRecord, registerModel } from "../../../src/engine/registry/models.ts";
import { decodeArtifact } from "../../../src/models/artifact.ts";
import { baseRate } from "../../../src/models/off-track/base-rate.ts";
import { logistic } from "../../../src/models/off-track/logistic.ts";
import { contextOf } from "../../contracts/estimator-contract.ts";
import { look, refusal, useCairn } from "../district.ts";

const cairn = useCairn();

const rows = 40;
const values = Float64Array.from({ length: rows }, (_, row) => row % 7);
const input = {
  matrix: { rows, columns: [{ name: "x", kind: "numeric" as const, values }] },
  labels: Uint8Array.from(values, (value, row) => (value + (row % 3) > 4 ? 1 : 0)),
};
const recipe = logistic();
const fitted = recipe.fit(input, contextOf(1));
const identity = { kind: recipe.kind, parameters: recipe.parameters, dataHash: "d", seed: "s" };
const about = { purpose: "early-warning", metrics: { auc: 0.7 }, lineage: { rows } };
const register = (tenantId: string, change = {}) =>
  registerModel(cairn(), tenantId, fitted, { ...identity, ...change }, about);

test("an id follows from everything that makes the model, in whatever order its parameters are written", () => {
  const id = modelId({ ...identity, parameters: { a: 1, b: 2 } });
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(modelId({ ...identity, parameters: { b: 2, a: 1 } })).toBe(id);
  const others = [
    { kind: "other" },
    { parameters: { a: 1, b: 3 } },
    { dataHash: "e" },
    { seed: "t" },
    { dataHash: "ds", seed: "" }, // parts that run together are not the same parts
  ].map((change) => modelId({ ...identity, parameters: { a: 1, b: 2 }, ...change }));
  expect(new Set([id, ...others]).size).toBe(6);
  expect(contentHash("x")).toBe(contentHash(Uint8Array.of(120)));
});

test("the same model stored again changes nothing: neither its file nor what is said of it", async () => {
  const id = await register("north");
  const path = join(cairn().folders.artifacts, `${id}.safetensors`);
  const [bytes, record] = [await readFile(path), await readModelRecord(cairn(), "north", id)];
  const again = await registerModel(cairn(), "north", fitted, identity, { ...about, metrics: { auc: 0.9 } });
  expect(again).toBe(id);
  expect(await readFile(path)).toEqual(bytes);
  expect(await readModelRecord(cairn(), "north", id)).toEqual(record);
  const [counted] = await look(cairn(), "north", (tx) => tx.sql`select count(*)::int as models from model`);
  expect(counted).toEqual({ models: 1 });
});

test("a model comes back and predicts the same bytes; another tenant's is not there", async () => {
  const id = await register("north");
  const loaded = await loadModel(cairn(), "north", id, [baseRate(), recipe]);
  const [before, after] = [new Float64Array(rows), new Float64Array(rows)];
  fitted.predict(input.matrix, before);
  loaded.predict(input.matrix, after);
  expect(after).toEqual(before);
  expect((await refusal(loadModel(cairn(), "south", id, [recipe]))).code).toBe("NOT_FOUND");
});

test("a kind that no recipe here knows is refused by name", async () => {
  const id = await register("north");
  const { code, message } = await refusal(loadModel(cairn(), "north", id, [baseRate()]));
  expect(code).toBe("CONFLICT");
  expect(message).toContain(recipe.kind);
});

test("one changed bit anywhere in an artifact is noticed, and training again replaces the file", async () => {
  const id = await register("north", { seed: "damaged" });
  const path = join(cairn().folders.artifacts, `${id}.safetensors`);
  const whole = await readFile(path);
  for (const position of [3, 20, whole.length >> 1, whole.length - 1]) {
    const damaged = Buffer.from(whole);
    damaged[position]! ^= 1;
    await writeFile(path, damaged);
    expect([position, (await refusal(loadModel(cairn(), "north", id, [recipe]))).code]).toEqual([
      position,
      "ARTIFACT_CORRUPT",
    ]);
  }
  await writeFile(path, whole.subarray(0, whole.length - 8));
  expect((await refusal(loadModel(cairn(), "north", id, [recipe]))).code).toBe("ARTIFACT_CORRUPT");
  await register("north", { seed: "damaged" });
  expect(await readFile(path)).toEqual(whole);
});

test("an artifact is a safetensors file; an id that is none never becomes a path", async () => {
  const id = contentHash("any");
  const tensors = { metadata: { kind: "k" }, arrays: { x: Float64Array.of(1, Number.NaN, -0) } };
  await writeArtifact(cairn().folders.artifacts, id, tensors);
  expect(await readArtifact(cairn().folders.artifacts, id)).toEqual(tensors);
  const file = decodeArtifact(await readFile(join(cairn().folders.artifacts, `${id}.safetensors`)));
  expect(file.metadata).toEqual({ kind: "k", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect((await refusal(readArtifact(cairn().folders.artifacts, contentHash("none")))).code).toBe("NOT_FOUND");
  for (const bad of ["../../etc/passwd", "", id.toUpperCase(), `${id}0`]) {
    expect((await refusal(readArtifact(cairn().folders.artifacts, bad))).code).toBe("BAD_INPUT");
  }
});
