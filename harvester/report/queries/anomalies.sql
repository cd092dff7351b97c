-- What is worth a look in the newest week, if that ends in the period.
SELECT
    anomalies.day,
    anomalies.kind,
    anomalies.account,
    anomalies.group_guid,
    coalesce(anomalies.bitlink, anomalies.label) AS name,
    coalesce(details.title, '') AS title,
    anomalies.clicks,
    anomalies.usual,
    anomalies.weeks
FROM anomalies
LEFT JOIN bitlink_details AS details
    ON details.account = anomalies.account AND details.bitlink = anomalies.bitlink
WHERE anomalies.day BETWEEN :first AND :last
    -- AND chosen of anomalies
ORDER BY abs(anomalies.clicks - anomalies.usual) DESC, anomalies.kind, 5
LIMIT :most
