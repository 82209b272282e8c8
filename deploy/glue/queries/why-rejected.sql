-- Why records were refused, and in which object of the raw layer the last one of each kind lies.
SELECT
  feed,
  array_join(reasons, ', ') AS reasons,
  count(*) AS records,
  max(raw_object) AS last_object
FROM rejected
GROUP BY feed, array_join(reasons, ', ')
ORDER BY records DESC
