import type { Command } from "commander";
import { registerEvaluateMastery } from "./mastery.ts";
import { registerEvaluateOffTrack } from "./off-track.ts";
import { registerEvaluateOulad } from "./oulad.ts";
import { registerEvaluatePlaylist } from "./playlist.ts";

/** `cairn evaluate`: how well models do on published data, by published protocols. One file per protocol. */
export function registerEvaluate(program: Command): void {
  const evaluate = program.command("evaluate").description("measure models on published data, by published protocols");
  registerEvaluateOffTrack(evaluate);
  registerEvaluateMastery(evaluate);
  registerEvaluateOulad(evaluate);
  registerEvaluatePlaylist(evaluate);
}
