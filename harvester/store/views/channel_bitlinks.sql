-- The bitlinks of each channel as last listed, and their custom back-halves.
--
-- @account text
-- @channel text: Bitly's id of the channel
-- @name text: its name
-- @group_guid text
-- @bitlink text
SELECT
    accounts.name AS account,
    members.scope AS channel,
    FIELD(channels.details, name) AS name,
    groups.guid AS group_guid,
    subjects.name AS bitlink
FROM entities AS members
JOIN subjects AS links
    ON links.account_id = members.account_id
    AND links.kind = 'bitlink'
    AND links.name = members.guid
JOIN bitlinks ON coalesce(bitlinks.custom_of, bitlinks.subject_id) = links.id
JOIN subjects ON subjects.id = bitlinks.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = members.account_id
LEFT JOIN entities AS channels
    ON channels.account_id = members.account_id
    AND channels.roster = 'channels'
    AND channels.scope = ''
    AND channels.guid = members.scope
WHERE members.roster = 'channel_bitlinks' AND members.unlisted_at IS NULL
