-- Requests by day, and the files they were read from.
select to_char(time at time zone 'UTC', 'YYYY-MM-DD') as day, count(*) as requests,
       string_agg(distinct regexp_replace(file, '.*/', ''), ', ') as files,
       repeat('█', ceil(40.0 * count(*) / max(count(*)) over ())::integer) as chart
  from api_log_requests where source = 'shop/nginx' group by 1 order by 1;
