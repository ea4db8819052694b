-- Requests by the hour of the day, and how many of them the server failed at (░).
with hours as (
  select extract(hour from time at time zone 'UTC') as hour, count(*) as requests,
         count(*) filter (where status >= 500) as failed
    from api_log_requests where source = 'shop/nginx' group by 1
)
select to_char(hour, 'FM00') || ':00' as hour, requests, failed,
       repeat('█', round(40.0 * (requests - failed) / max(requests) over ())::integer)
         || repeat('░', ceil(40.0 * failed / max(requests) over ())::integer) as chart
  from hours order by 1;
