DROP FUNCTION orbit_undo_step(uuid, text, bigint);
DROP FUNCTION orbit_fail_step(uuid, text, bigint);
DROP FUNCTION orbit_finish_step(uuid, bigint, text, text, integer);
DROP FUNCTION orbit_refuse_step(uuid, text, bigint);
ALTER TABLE merchants DROP CONSTRAINT merchants_release_fkey;
DROP TABLE workers, throttles, audit_log, mails, one_time_links, sessions, deployment_metadata, provisioning_steps,
    merchant_provisionings, releases, domains, memberships, merchants, plans, themes, users;
DROP DOMAIN user_role, theme_engine, billing_cycle, merchant_status, membership_role, domain_kind, run_status, step_status, address_status, link_purpose, mail_status, currency, percent;
