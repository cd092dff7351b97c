-- Clicks by device.
SELECT coalesce(device_type, '') AS name, sum(clicks) AS clicks
FROM clicks_by_device
WHERE day BETWEEN :first AND :last
    -- AND chosen
GROUP BY 1
ORDER BY 2 DESC, 1
