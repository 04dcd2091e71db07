DROP FUNCTION orbit_undo_step(uuid, text, bigint);
DROP FUNCTION orbit_fail_step(uuid, text, bigint);
DROP FUNCTION orbit_finish_step(uuid, bigint, text, text, integer);
DROP FUNCTION orbit_refuse_step(uuid, text, bigint);
ALTER TABLE merchants DROP CONSTRAINT merchants_release_fkey;
DROP TABLE workers, throttles, audit_log, mails, one_time_links, sessions, deployment_metadata, provisioning_steps,
    merchant_provisionings, releases, domains, memberships, merchants, plans, themes, users;
