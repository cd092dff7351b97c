-- Which version of the contract these views keep to: see what may change with it.
--
-- @version integer: 2 after the first change that readers may have to know of, and so on
SELECT 1 AS version
