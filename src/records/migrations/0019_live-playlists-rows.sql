-- A row belongs to the tenant named by the transaction (see 0001): the tables of live playlists.
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE'
      AND NOT EXISTS (SELECT 1 FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.table_name)
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant_isolation ON %I USING (tenant_id = current_setting(''cairn.tenant'', true))
         WITH CHECK (tenant_id = current_setting(''cairn.tenant'', true))', name);
    -- Append-only: read and added to; nothing is changed or taken away.
    EXECUTE format('GRANT SELECT, INSERT ON %I TO cairn_app', name);
  END LOOP;
END
$$;
--> statement-breakpoint
-- A cache and what makes it old are no records.
GRANT UPDATE, DELETE ON learner_standing TO cairn_app;
--> statement-breakpoint
GRANT DELETE ON standing_change TO cairn_app;
--> statement-breakpoint
-- Says of whom a record came in or went, by whichever way, so that no standing outlives what it was worked out from. Whoever
-- is linked to such a person is meant too: the standing is the learner's, by the one id that stands for her. The path that
-- carries the standing on itself says so by cairn.standing.
CREATE FUNCTION cairn_note_standing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('cairn.standing', true) = 'kept' THEN RETURN NULL; END IF;
  INSERT INTO public.standing_change (tenant_id, person_id)
  WITH RECURSIVE reached(tenant_id, id) AS (
    SELECT DISTINCT c.tenant_id, c.person_id FROM changed c WHERE c.person_id IS NOT NULL
    UNION
    SELECT l.tenant_id, CASE WHEN l.person_id = r.id THEN l.same_as ELSE l.person_id END
    FROM reached r JOIN public.identity_link l ON l.tenant_id = r.tenant_id AND r.id IN (l.person_id, l.same_as)
  )
  SELECT s.tenant_id, s.person_id FROM public.learner_standing s JOIN reached r ON r.tenant_id = s.tenant_id AND r.id = s.person_id;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- A score on a standard names its result, and that the person.
CREATE FUNCTION cairn_note_result_standing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.standing_change (tenant_id, person_id)
  WITH RECURSIVE reached(tenant_id, id) AS (
    SELECT DISTINCT r.tenant_id, r.person_id FROM changed c
    JOIN public.result r ON r.tenant_id = c.tenant_id AND r.record_key = c.result_key
    UNION
    SELECT l.tenant_id, CASE WHEN l.person_id = r.id THEN l.same_as ELSE l.person_id END
    FROM reached r JOIN public.identity_link l ON l.tenant_id = r.tenant_id AND r.id IN (l.person_id, l.same_as)
  )
  SELECT s.tenant_id, s.person_id FROM public.learner_standing s JOIN reached r ON r.tenant_id = s.tenant_id AND r.id = s.person_id;
  RETURN NULL;
END
$$;
--> statement-breakpoint
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['item_response', 'activity_event', 'preference', 'observation', 'sub_result', 'result', 'person', 'identity_link']
  LOOP
    EXECUTE format('CREATE TRIGGER note_standing AFTER INSERT ON %I REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION cairn_note_standing()', name);
    EXECUTE format('CREATE TRIGGER note_standing_gone AFTER DELETE ON %I REFERENCING OLD TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION cairn_note_standing()', name);
  END LOOP;
END
$$;
--> statement-breakpoint
CREATE TRIGGER note_standing AFTER INSERT ON standard_result REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION cairn_note_result_standing();
