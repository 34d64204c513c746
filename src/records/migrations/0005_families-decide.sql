ALTER TABLE "api_key" ADD COLUMN "person_id" text;--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "answer_days" integer DEFAULT 45 NOT NULL;