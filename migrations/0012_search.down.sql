DROP TRIGGER index_insert ON variants;
DROP TRIGGER index_delete ON variants;
DROP TRIGGER index_update ON variants;
DROP TRIGGER index_update ON products;
DROP TRIGGER index_delete ON products;
DROP INDEX products_title;
DROP TABLE product_index, shop_words;
DROP FUNCTION orbit_ask(text, boolean), orbit_forget_products(), orbit_index_products(), orbit_index_variant(), orbit_index_variants(), orbit_forget(uuid, text[]),
    orbit_index(uuid, uuid[]), orbit_question(), orbit_spellings(text, text, text, jsonb), orbit_document(uuid, text, text, text, jsonb, text[], text),
    orbit_key(uuid), orbit_stem(text), orbit_unspaced(text), orbit_words(text), orbit_fold(text);
DROP COLLATION orbit_order;
DROP EXTENSION fuzzystrmatch;
