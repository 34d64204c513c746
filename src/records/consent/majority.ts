const AGE_OF_MAJORITY = 18; // 34 CFR 99.3: an eligible student has reached 18 years of age

/**
 * The day on which the rights to the record pass from the guardians to the learner.
 * @param birthDate - YYYY-MM-DD; who was born on the 29th of February comes of age on the 1st of March
 * @returns YYYY-MM-DD
 */
export function majorityOn(birthDate: string): string {
  const [year, month, day] = birthDate.split("-").map(Number) as [number, number, number];
  return new Date(Date.UTC(year + AGE_OF_MAJORITY, month - 1, day)).toISOString().slice(0, 10);
}
