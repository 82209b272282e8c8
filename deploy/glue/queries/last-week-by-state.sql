-- How many accidents each state has had in each of the last seven days, and how many of them were grave.
SELECT day, state, sum(accidents) AS accidents, sum(accidents) FILTER (WHERE severity >= 3) AS grave
FROM daily_summary
WHERE day >= current_date - INTERVAL '7' DAY
GROUP BY day, state
ORDER BY day DESC, accidents DESC
