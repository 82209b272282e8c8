-- What the runs of each day have read, and what became of it: read = written + repeated + rejected.
SELECT
  CAST(started_at AS DATE) AS day,
  count(*) AS runs,
  sum(read) AS records_read,
  sum(written) AS written,
  sum(repeated) AS repeated,
  sum(rejected) AS rejected
FROM runs
GROUP BY CAST(started_at AS DATE)
ORDER BY day DESC
