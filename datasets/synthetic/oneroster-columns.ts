const common = "sourcedId,status,dateLastModified";

/** The OneRoster 1.2 files of the export and their columns, in the order of the standard (1EdTech OneRoster CSV 1.2). */
export const oneRosterColumns = {
  manifest: "propertyName,value",
  orgs: `${common},name,type,identifier,parentSourcedId`,
  academicSessions: `${common},title,type,startDate,endDate,parentSourcedId,schoolYear`,
  courses: `${common},schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes`,
  classes: `${common},title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods`,
  users: `${common},enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns`,
  roles: `${common},userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId`,
  enrollments: `${common},classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate,metadata.exitKind`,
  demographics: `${common},birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus`,
  categories: `${common},title,weight`,
  lineItems: `${common},title,description,assignDate,dueDate,classSourcedId,categorySourcedId,academicSessionSourcedId,resultValueMin,resultValueMax,schoolSourcedId`,
  results: `${common},lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment,textScore,classSourcedId,inProgress,incomplete,late,missing`,
  lineItemLearningObjectiveIds: `${common},lineItemSourcedId,source,learningObjectiveId`,
  resultLearningObjectiveIds: `${common},resultSourcedId,source,learningObjectiveId,score,textScore`,
} as const;

/** A file of the export. */
export type OneRosterFile = keyof typeof oneRosterColumns;

/** All 21 data files a 1.2 manifest must name; those the export does not have are `absent`. */
export const manifestFiles: readonly string[] =
  "academicSessions categories classes classResources courses courseResources demographics enrollments lineItemLearningObjectiveIds lineItems lineItemScoreScales orgs resources resultLearningObjectiveIds results resultScoreScales roles scoreScales userProfiles userResources users".split(
    " ",
  );
