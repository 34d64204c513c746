-- The role the application works as: no superuser, no bypass of row-level security, no login of its own.
-- Roles belong to the whole server, so another database of the same server may have made it already.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cairn_app') THEN
    BEGIN
      CREATE ROLE cairn_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'cairn needs the role cairn_app, and % may not create it', current_user
          USING ERRCODE = 'insufficient_privilege',
                HINT = format('as a superuser: CREATE ROLE cairn_app NOLOGIN; GRANT cairn_app TO %I', current_user);
    END;
  END IF;
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cairn_app' AND (rolsuper OR rolbypassrls)) THEN
    RAISE EXCEPTION 'the role cairn_app is a superuser or bypasses row-level security, so tenants would not be kept apart'
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'as a superuser: ALTER ROLE cairn_app NOSUPERUSER NOBYPASSRLS';
  END IF;
  -- Before PostgreSQL 16 a member of a role may always act as it, and 'SET' is no word it knows.
  IF NOT pg_has_role(current_user, 'cairn_app',
    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
    BEGIN
      EXECUTE format('GRANT cairn_app TO %I', current_user);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION '% may not act as the role cairn_app', current_user
        USING ERRCODE = 'insufficient_privilege', HINT = format('as a superuser: GRANT cairn_app TO %I', current_user);
    END;
  END IF;
END
$$;
--> statement-breakpoint
-- A row belongs to the tenant named by the transaction; a transaction that names none sees nothing and writes nothing.
-- FORCE: the owner of the tables is held to it as well.
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant_isolation ON %I USING (tenant_id = current_setting(''cairn.tenant'', true))
         WITH CHECK (tenant_id = current_setting(''cairn.tenant'', true))', name);
    -- Append-only: the record tables are read and added to; nothing is changed or taken away.
    EXECUTE format('GRANT SELECT, INSERT ON %I TO cairn_app', name);
  END LOOP;
END
$$;
--> statement-breakpoint
-- What the engine derives may be replaced: a job that runs again writes its partition anew.
GRANT UPDATE, DELETE ON model, scoring_run, scored_partition, risk_score, playlist_entry, api_key TO cairn_app;
--> statement-breakpoint
-- Whoever holds a key may find its row, and so its tenant, before a tenant is known.
CREATE POLICY key_holder ON api_key FOR SELECT USING (key_hash = current_setting('cairn.key_hash', true));
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO cairn_app;
