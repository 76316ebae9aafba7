-- The end of a migration, as JSON; absent before it was decided.

ALTER TABLE migrations ADD COLUMN retirement TEXT;
