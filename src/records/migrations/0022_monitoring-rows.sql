-- A row belongs to the tenant named by the transaction (see 0001): what watching found, proposals of models, decisions.
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
    -- Append-only: what was found, proposed and decided is neither changed nor taken away.
    EXECUTE format('GRANT SELECT, INSERT ON %I TO cairn_app', name);
  END LOOP;
END
$$;
