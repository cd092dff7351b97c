-- Each bitlink and custom back-half as last listed; `custom_of` names the link it leads to.
--
-- Every bitlink and custom back-half that was ever listed, as last seen.
--
-- @account text
-- @group_guid text
-- @bitlink text
-- @custom_of text: for a custom back-half: the bitlink that it belongs to; null for a link itself
-- @link text: the short URL
-- @long_url text: where it leads
-- @utm_source text: the UTM parameters of the long URL, decoded; null where it has none
-- @utm_medium text: the UTM parameters of the long URL, decoded; null where it has none
-- @utm_campaign text: the UTM parameters of the long URL, decoded; null where it has none
-- @utm_term text: the UTM parameters of the long URL, decoded; null where it has none
-- @utm_content text: the UTM parameters of the long URL, decoded; null where it has none
-- @title text: may be null
-- @created_at instant: instant, may be null
-- @created_by text: login, may be null
-- @client_id text: the app that made it; null where Bitly does not say
-- @app text: the app's name, null where it is not known
-- @archived boolean: truth value
-- @is_deleted boolean: truth value
-- @tags text: JSON list of texts
-- @custom_bitlinks text: JSON list of its custom back-halves, as ids
-- @campaign_ids text: JSON list of its campaigns, null if there is none
-- @launchpad_ids text: JSON list of the pages that it is on, null if there is none
-- @qr_code_ids text: JSON list of its QR codes, null if there is none
-- @deeplinks text: JSON as Bitly writes it, null if there is none
-- @expiration_at text: as Bitly writes it, null if there is none
-- @dynamic_routing text: JSON as Bitly writes it, null if there is none
-- @first_seen_at instant: when a listing showed it first and last
-- @last_seen_at instant: when a listing showed it first and last
-- @unlisted_at instant: when a full listing did not show it any more; null if it is listed
-- @gone_at instant: when Bitly answered that there is no such link; null if it has not
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    owners.name AS custom_of,
    bitlinks.link,
    bitlinks.long_url,
    bitlinks.utm_source,
    bitlinks.utm_medium,
    bitlinks.utm_campaign,
    bitlinks.utm_term,
    bitlinks.utm_content,
    bitlinks.title,
    UTC(bitlinks.created_at) AS created_at,
    bitlinks.created_by,
    bitlinks.client_id,
    FIELD(apps.details, name) AS app,
    bitlinks.archived,
    bitlinks.is_deleted,
    bitlinks.tags,
    bitlinks.custom_bitlinks,
    bitlinks.campaign_ids,
    bitlinks.launchpad_ids,
    bitlinks.qr_code_ids,
    bitlinks.deeplinks,
    bitlinks.expiration_at,
    bitlinks.dynamic_routing,
    UTC(bitlinks.first_seen_at) AS first_seen_at,
    UTC(bitlinks.last_seen_at) AS last_seen_at,
    UTC(bitlinks.unlisted_at) AS unlisted_at,
    UTC(bitlinks.gone_at) AS gone_at
FROM bitlinks
JOIN subjects ON subjects.id = bitlinks.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
LEFT JOIN subjects AS owners ON owners.id = bitlinks.custom_of
LEFT JOIN entities AS apps
    ON apps.account_id = subjects.account_id
    AND apps.roster = 'apps'
    AND apps.scope = bitlinks.client_id
    AND apps.guid = bitlinks.client_id
