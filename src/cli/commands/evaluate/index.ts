import type { Command } from "commander";
import { registerEvaluateOulad } from "./oulad.ts";

/** `cairn evaluate`: how well models do on published data, by published protocols. One file per protocol. */
export function registerEvaluate(program: Command): void {
  const evaluate = program.command("evaluate").description("measure models on published data, by published protocols");
  registerEvaluateOulad(evaluate);
}
