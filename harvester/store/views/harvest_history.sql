-- How far back Bitly shows each group, and how that is known.
--
-- How far back Bitly shows each group: older days are `missing` for `history`, unless they are stored.
--
-- @account text
-- @group_guid text
-- @days integer: whole UTC days that are shown, the present one included; null where no end is known
-- @is_sure boolean: truth value; if not, it is a guess, which clicks of older days would move
-- @source text: `set` by a person, `seen` in Bitly's answers, or by the plan's `tier`
-- @detail text: the same in a few words
-- @since instant: instant when it became so much
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    -- PostgreSQL may look at the value before the name: other facts are no numbers
    CASE
        WHEN profiles.name LIKE 'history_days %' AND profiles.value <> 'none'
        THEN CAST(replace(profiles.value, '+', '') AS INTEGER)
    END AS days,
    replace(profiles.value, '+', '') = profiles.value AS is_sure,
    profiles.source,
    profiles.detail,
    UTC(profiles.seen_at) AS since
FROM profiles
JOIN accounts ON accounts.id = profiles.account_id
JOIN groups
    ON groups.account_id = profiles.account_id
    AND profiles.name = 'history_days ' || groups.guid
