-- What an organization's plan allowed and what was used of it, as last read on each day.
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
