ALTER TABLE "activity" ADD COLUMN "mastery_score" double precision;--> statement-breakpoint
ALTER TABLE "activity" ADD COLUMN "move_on" text;--> statement-breakpoint
ALTER TABLE "statement" ADD COLUMN "agents" text[];--> statement-breakpoint
ALTER TABLE "statement" ADD COLUMN "related" text[];--> statement-breakpoint
ALTER TABLE "statement" ADD COLUMN "refers_to" text;--> statement-breakpoint
CREATE INDEX "statement_related" ON "statement" USING gin ("related");--> statement-breakpoint
CREATE INDEX "statement_refers" ON "statement" USING btree ("tenant_id","refers_to") WHERE refers_to is not null;--> statement-breakpoint
CREATE INDEX "statement_person" ON "statement" USING btree ("tenant_id","person_id");