/** Columns of the flat files every export has, in order. */
export const flatColumns = {
  calendar: "school_id,date,event",
  attendance: "student_id,date,category,excused,reason,recorded_on",
  behavior: "incident_id,student_id,date,severity,participation,action,recorded_on",
  survey: "student_id,date,instrument,scale,item,answer,recorded_on",
  responses: "student_id,item_id,standard,answered_at,correct,attempts,hints,seconds",
  standards: "standard,label,subject,grade",
  prerequisites: "standard,requires",
  activities: "activity,title,standard,modality,minutes,difficulty",
  consent: "student_id,purpose,decision,decided_on,decided_by",
} as const;

/** Columns of the flat files about the whole learner: supports, marks, tests, goals, interventions, what learners say. */
export const profileColumns = {
  supports: "student_id,kind,detail,begins_on,ends_on,recorded_on",
  "course-grades":
    "student_id,course_id,section_id,term,kind,letter,numeric,numeric_maximum,credits_attempted,credits_earned,date,recorded_on",
  assessments:
    "student_id,assessment_id,title,subject,family,date,score,score_kind,standard_error,percentile,performance_level,validity,part,part_kind,standard,recorded_on",
  observations: "student_id,standard,date,score,level,entered_by,kind,recorded_on",
  "scale-scores": "student_id,date,instrument,scale,score,items,reliability,recorded_on",
  goals: "student_id,goal_id,title,subject,standard,status,set_on,due_on,achieved_on,recorded_on",
  "goal-steps": "student_id,goal_id,step_id,title,position,status,due_on,done_on,recorded_on",
  interventions: "intervention_id,name,kind,description,minutes_per_dose",
  "intervention-assignments":
    "student_id,intervention_id,begins_on,ends_on,reason,standard,group,assigned_by,recorded_on",
  doses: "student_id,intervention_id,date,minutes,attended,delivered_by,recorded_on",
  preferences: "student_id,kind,value,strength,date,said_by,recorded_on",
  narratives: "student_id,narrative_id,kind,text,date,author_role,recorded_on",
  milestones: "student_id,pathway,milestone,status,date,due_on,recorded_on",
  "service-hours": "student_id,date,hours,description,recorded_on",
  "personal-bests": "student_id,subject,title,date,score,artifact_id,recorded_on",
  achievements: "student_id,achievement_id,area,title,level,date,recorded_on",
} as const;

/** Columns of the files kept aside. */
export const truthColumns = {
  learners:
    "student_id,year,ability,engagement,persistence,probability_off_track,off_track,left_kind,left_on,preferred_modality,final_mathematics,final_english",
  abilities: "student_id,standard,ability_at_asof,mastered",
  activities: "activity,teaching_effect,theme",
  items: "item_id,standard,difficulty,discrimination,guess",
  outcomes:
    "student_id,year,grade,school_id,days_enrolled,days_absent,dropped_out,failed_mathematics,failed_english,chronically_absent,credits_attempted,credits_earned,repeats,completes",
  assignments:
    "student_id,year,intervention_id,school_id,cluster,rule,propensity,treated,effect,dose_share,mark_without,mark_with",
  preferences: "student_id,video,practice,game,reading,project,interests,lateness",
  movers: "mover,student_id,moved_on,role,year,engagement_swing,engagement_shock,momentum,persistence,abilities",
  planted: "kind,school_id,group,size,unit,from,what",
} as const;

/** A flat file that tells of the whole learner. */
export type ProfileFile = keyof typeof profileColumns;
/** A file that is kept aside. */
export type TruthFile = keyof typeof truthColumns;
