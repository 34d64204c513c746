/** The version of cairn; a test holds it to package.json and to the top of CHANGELOG.md. */
export const version = "0.1.0";
