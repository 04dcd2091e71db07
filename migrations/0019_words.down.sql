UPDATE audit_log SET detail = detail - 'image' || jsonb_build_object('picture', detail -> 'image') WHERE detail ? 'image';
UPDATE audit_log SET action = replace(action, 'image.', 'picture.') WHERE action LIKE 'image.%';

CREATE FUNCTION pg_temp.renamed(settings jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(CASE
            WHEN key LIKE '%\_color' THEN regexp_replace(key, '_color$', '_colour')
            WHEN key IN ('image_margin', 'image_ratio', 'show_image') THEN replace(key, 'image', 'picture')
            ELSE key END,
        CASE WHEN value = '"image"' THEN '"picture"'::jsonb ELSE value END), '{}')
    FROM jsonb_each(settings)
$$;
UPDATE drafts SET settings = pg_temp.renamed(settings) WHERE settings <> pg_temp.renamed(settings);
UPDATE releases SET settings = pg_temp.renamed(settings) WHERE settings <> pg_temp.renamed(settings);
UPDATE themes SET config = pg_temp.renamed(config) WHERE config <> pg_temp.renamed(config);

ALTER TABLE media_reserved RENAME COLUMN image_id TO picture_id;

ALTER INDEX emails_status RENAME TO mails_status;
ALTER INDEX emails_newest RENAME TO mails_newest;
ALTER INDEX emails_words RENAME TO mails_words;
ALTER INDEX emails_bodies RENAME TO mails_bodies;
ALTER INDEX emails_queued RENAME TO mails_queued;
ALTER INDEX emails_merchant RENAME TO mails_merchant;
ALTER INDEX emails_message_id_key RENAME TO mails_message_id_key;
ALTER INDEX emails_pkey RENAME TO mails_pkey;
ALTER DOMAIN email_status RENAME TO mail_status;
ALTER TABLE emails RENAME TO mails;
