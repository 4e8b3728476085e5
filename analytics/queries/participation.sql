-- How far the people of each wave came, by role and combination of attributes.
-- Invitations name participants; visits and responses carry pseudonyms, so the
-- two are counted apart and added up. Times are a distribution: how many took
-- how many seconds, of which medians of any union follow exactly.
SELECT
    wave_id,
    role,
    segment,
    sum(asked) AS invited,
    sum(visited) AS opened,
    sum(drafted) AS started,
    sum(sent) AS submitted,
    sumMapIf(map(seconds, toUInt64(sent)), sent > 0 AND seconds > 0) AS times
FROM (
    SELECT wave_id, role, attributes, 1 AS asked, 0 AS visited, 0 AS drafted, 0 AS sent, toUInt32(0) AS seconds
    FROM invitations FINAL
    WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)} AND role IN {roles:Array(String)}
    UNION ALL
    SELECT wave_id, any(role), any(attributes), 0, 1, max(draft), max(final_answer), max(took)
    FROM (
        SELECT wave_id, respondent, role, attributes, 0 AS draft, 0 AS final_answer, toUInt32(0) AS took
        FROM visits FINAL
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)} AND role IN {roles:Array(String)}
        UNION ALL
        SELECT wave_id, respondent, role, attributes, 1, toUInt8(final), seconds
        FROM responses FINAL
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)} AND role IN {roles:Array(String)}
        UNION ALL
        SELECT DISTINCT wave_id, respondent, role, attributes, 1, toUInt8(0), toUInt32(0)
        FROM drafts
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)} AND role IN {roles:Array(String)} AND item != '_place'
    )
    GROUP BY wave_id, respondent
)
GROUP BY
    wave_id,
    role,
    if({segmented:Bool}, attributes, '') AS segment
