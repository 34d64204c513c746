-- A row belongs to the tenant named by the transaction (see 0001). Append-only: who was shown what is neither changed nor taken away
-- but by the rules below.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['learner_access', 'learner_accessed'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant_isolation ON %I USING (tenant_id = current_setting(''cairn.tenant'', true))
         WITH CHECK (tenant_id = current_setting(''cairn.tenant'', true))', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO cairn_app', name);
  END LOOP;
END
$$;
--> statement-breakpoint
-- A learner who is erased goes from learner_accessed by the rule of 0009, which empties every table with people. What stays in
-- learner_access is that an access took place. A reader who is erased leaves the same: her key or nothing, not who she was.
CREATE FUNCTION cairn_forget_reader() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE public.learner_access a SET reader_id = NULL
    WHERE a.tenant_id = current_setting('cairn.tenant', true) AND a.reader_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM gone g WHERE g.tenant_id = a.tenant_id AND g.person_id = a.reader_id)
      AND NOT EXISTS (SELECT 1 FROM public.person p WHERE p.tenant_id = a.tenant_id AND p.person_id = a.reader_id);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER forget_reader AFTER DELETE ON person REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
  EXECUTE FUNCTION cairn_forget_reader();
--> statement-breakpoint
-- Deletes the lines that the newest retention rule for learner_access keeps no longer on a day, less those about somebody under
-- legal hold. Returns how many lines; a certificate is left when there were any.
CREATE FUNCTION cairn_retain_accesses(on_day date, erasure_id text, erased_at timestamptz)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant text := current_setting('cairn.tenant', true);
  rule record;
  lines record;
  learners record;
  past text;
BEGIN
  SELECT * INTO rule FROM public.retention_rule r WHERE r.tenant_id = tenant AND r.record_table = 'learner_access'
    ORDER BY r.rule_id DESC LIMIT 1;
  IF NOT FOUND OR rule.keep_days IS NULL THEN RETURN 0; END IF;
  past := format('t.at < date %L AND NOT EXISTS (SELECT 1 FROM public.learner_accessed w WHERE w.tenant_id = t.tenant_id
    AND w.access_id = t.access_id AND w.person_id = ANY ($1))', on_day - rule.keep_days);
  SELECT * INTO lines FROM public.cairn_delete_rows('learner_access', past,
    (SELECT coalesce(array_agg(id), '{}') FROM public.cairn_held_people() h(id)), '{}');
  IF lines.rows = 0 THEN RETURN 0; END IF;
  SELECT * INTO learners FROM public.cairn_delete_rows('learner_accessed',
    'NOT EXISTS (SELECT 1 FROM public.learner_access a WHERE a.tenant_id = t.tenant_id AND a.access_id = t.access_id)', '{}', '{}');
  INSERT INTO public.erasure (tenant_id, erasure_id, cause, rows, sha256, decided_by, erased_at)
    VALUES (tenant, erasure_id, format('retention rule %s', rule.rule_id),
      jsonb_build_object('learner_access', lines.rows, 'learner_accessed', learners.rows),
      encode(sha256(convert_to(lines.hash || learners.hash, 'UTF8')), 'hex'), rule.decided_by, erased_at);
  RETURN lines.rows;
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION cairn_forget_reader(), cairn_retain_accesses(date, text, timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION cairn_retain_accesses(date, text, timestamptz) TO cairn_app;
