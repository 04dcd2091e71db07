-- The trade's words for what tables, columns, stored settings and actions are called.

ALTER TABLE mails RENAME TO emails;
ALTER DOMAIN mail_status RENAME TO email_status;
ALTER INDEX mails_pkey RENAME TO emails_pkey;
ALTER INDEX mails_message_id_key RENAME TO emails_message_id_key;
ALTER INDEX mails_merchant RENAME TO emails_merchant;
ALTER INDEX mails_queued RENAME TO emails_queued;
ALTER INDEX mails_bodies RENAME TO emails_bodies;
ALTER INDEX mails_words RENAME TO emails_words;
ALTER INDEX mails_newest RENAME TO emails_newest;
ALTER INDEX mails_status RENAME TO emails_status;

ALTER TABLE media_reserved RENAME COLUMN picture_id TO image_id;

-- Settings of themes, releases and drafts: the keys that engines renamed.
CREATE FUNCTION pg_temp.renamed(settings jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(CASE
            WHEN key LIKE '%\_colour' THEN regexp_replace(key, '_colour$', '_color')
            WHEN key IN ('picture_margin', 'picture_ratio', 'show_picture') THEN replace(key, 'picture', 'image')
            ELSE key END,
        CASE WHEN value = '"picture"' THEN '"image"'::jsonb ELSE value END), '{}')
    FROM jsonb_each(settings)
$$;
UPDATE themes SET config = pg_temp.renamed(config) WHERE config <> pg_temp.renamed(config);
UPDATE releases SET settings = pg_temp.renamed(settings) WHERE settings <> pg_temp.renamed(settings);
UPDATE drafts SET settings = pg_temp.renamed(settings) WHERE settings <> pg_temp.renamed(settings);

UPDATE audit_log SET action = replace(action, 'picture.', 'image.') WHERE action LIKE 'picture.%';
UPDATE audit_log SET detail = detail - 'picture' || jsonb_build_object('image', detail -> 'picture') WHERE detail ? 'picture';
