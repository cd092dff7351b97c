-- The first and the last day of which anything is known.
SELECT min(day) AS first, max(day) AS last FROM harvest_coverage WHERE unit = 'day'
