-- Which counties have the largest share of grave accidents, of those with at least fifty.
SELECT
  state,
  county,
  sum(accidents) AS accidents,
  round(100.0 * coalesce(sum(accidents) FILTER (WHERE severity >= 3), 0) / sum(accidents), 1) AS grave_percent
FROM daily_summary
WHERE county IS NOT NULL
GROUP BY state, county
HAVING sum(accidents) >= 50
ORDER BY grave_percent DESC, accidents DESC
LIMIT 20
