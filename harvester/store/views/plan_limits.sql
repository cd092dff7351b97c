-- What an organization's plan allowed and what was used of it, as last read on each day.
--
-- What an organization's plan allows and what of it is used, as last read on each day that a run read it.
-- It takes no request of its own.
--
-- @day date
-- @account text
-- @organization_guid text: Bitly's id of the organization
-- @name text: Bitly's words for what is limited
-- @description text: Bitly's words for what is limited
-- @allowed integer: numbers of the present month; what stands for "unlimited" is not documented
-- @used integer: numbers of the present month; what stands for "unlimited" is not documented
-- @seen_at instant: when it was read
SELECT
    plan_readings.day,
    accounts.name AS account,
    plan_readings.organization_guid,
    plan_readings.name,
    plan_readings.description,
    plan_readings.allowed,
    plan_readings.used,
    UTC(plan_readings.seen_at) AS seen_at
FROM plan_readings
JOIN accounts ON accounts.id = plan_readings.account_id
