-- All that is known of the clicks of each campaign, over all bitlinks that belong to it now.
--
-- @account text
-- @group_guid text
-- @campaign text: Bitly's id of the campaign
-- @name text: its name, null where the plan does not tell of campaigns
-- @bitlinks integer: how many bitlinks and custom back-halves belong to it
-- @clicks integer: clicks of all bitlinks
-- @clicks_7d integer: of them, those of the 7 days up to `as_of`
-- @clicks_30d integer: of them, those of the 30 days up to `as_of`
-- @first_clicked_day date: first day with clicks; null if there is none
-- @last_clicked_day date: last day with clicks; null if there is none
-- @missing_days integer: how many (bitlink, day) of their clicks are in `harvest_missing`
-- @as_of date: the newest day of the group whose clicks were harvested
SELECT
    totals.account,
    totals.group_guid,
    marked.campaign,
    marked.name,
    CAST(count(*) AS INTEGER) AS bitlinks,
    CAST(sum(totals.clicks) AS BIGINT) AS clicks,
    CAST(sum(totals.clicks_7d) AS BIGINT) AS clicks_7d,
    CAST(sum(totals.clicks_30d) AS BIGINT) AS clicks_30d,
    min(totals.first_clicked_day) AS first_clicked_day,
    max(totals.last_clicked_day) AS last_clicked_day,
    CAST(sum(totals.missing_days) AS BIGINT) AS missing_days,
    max(totals.as_of) AS as_of
FROM bitlink_totals AS totals
JOIN campaign_bitlinks AS marked
    ON marked.account = totals.account AND marked.bitlink = totals.bitlink
GROUP BY totals.account, totals.group_guid, marked.campaign, marked.name
