/**
 * The version of cairn; the docs check holds it to package.json and CHANGELOG.md. It is part of the name of every model and
 * run: another version may compute them differently, and must not find the old ones under the same name.
 */
export const version = "0.1.0";
