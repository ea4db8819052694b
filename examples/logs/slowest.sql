-- Milliseconds by path: to the median (█), to the 95th (▓) and the 99th percentile (░). A cell is 40 ms.
with paths as (
  select path, count(*) as requests,
         (percentile_cont(array[0.5, 0.95, 0.99]) within group (order by duration_ms))::integer[] as ms
    from api_log_requests where source = 'shop/nginx' and path is not null group by path
)
select path, requests, ms[1] as p50, ms[2] as p95, ms[3] as p99,
       repeat('█', ms[1] / 40) || repeat('▓', ms[2] / 40 - ms[1] / 40) || repeat('░', ms[3] / 40 - ms[2] / 40) as chart
  from paths order by ms[2] desc, path;
