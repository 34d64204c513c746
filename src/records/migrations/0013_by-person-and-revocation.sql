CREATE TABLE "credential_revocation" (
	"tenant_id" text NOT NULL,
	"status_index" integer NOT NULL,
	"reason" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	CONSTRAINT "credential_revocation_tenant_id_status_index_pk" PRIMARY KEY("tenant_id","status_index")
);
--> statement-breakpoint
CREATE INDEX "activity_event_person" ON "activity_event" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "attendance_event_person" ON "attendance_event" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "behavior_incident_person" ON "behavior_incident" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "survey_answer_person" ON "survey_answer" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "demographics_person" ON "demographics" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "result_person" ON "result" USING btree ("tenant_id","person_id");