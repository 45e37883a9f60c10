/**
 * Parameters that say how a reader came to a page, never which page it is. Compared in lower case.
 * Only names that no known system uses for an id, a page or a section are here; names with two lives
 * (`from`, `ref`, `source`, `t`, `sid`) are judged by their value below.
 */
const trackingNames = new Set(
  `
  fbclid gclid gclsrc dclid wbraid gbraid gad_source gad_campaignid msclkid yclid ysclid twclid ttclid igshid igsh epik rdt_cid
  li_fat_id s_kwcid ef_id wickedid zanpid srsltid mkt_tok mc_cid mc_eid _openstat _ga _gl _ke _branch_match_id
  __s __hssc __hstc __hsfp hsctatracking vero_id vero_conv oly_anon_id oly_enc_id rb_clickid ml_subscriber ml_subscriber_hash
  ncid ocid icid cid_source cmpid cmp ito trk trkinfo trkcampaign smid smtyp ftcamp xtor feedtype mbid sr_share
  ref_src ref_url refsrc fb_action_ids fb_action_types fb_ref fb_source action_object_map action_type_map action_ref_map
  spm scm spm_id_from from_spmid vd_source seid unique_k buvid pvid ali_trackid ali_refid tb_trackid
  isappinstalled nsukey mpshare sharer_shareid sharer_sharetime sharer_shareinfo sharer_shareinfo_first clicktime enterid wechatfrom
  wx_header wxshare_count weixin_share wxfrom wxwork_userid pass_ticket
  wm ustat sudaref luicode lfid featurecode
  pgv_ref adtag ptag openapp _wv _wwv
  bd_vid hmsr hmpl hmcu hmkw hmci wfr bdmark sfrom qhclickid sogou_ad
  tt_from tt_medium tt_campaign iid use_new_style req_id_new is_from_webapp is_copy_url sender_device sender_web_id
  clickfrom isfromh5share spss spsnuid spsdevid spsvid snstype
  share_token shareuid share_uid share_from share_source share_medium share_plat share_platform share_tag share_session_id share_times
  share_id shareid share_type sharetype share_channel share_to share_to_friend share_name share_app_id share_device share_did
  share_link_id share_crt_v share_iid share_enter share_count share_time share_user share_userid shared sharefrom sharesource sharetime
  isshare is_share fromshare from_share fromapp from_app isfromapp fromuid
  __twitter_impression amp_js_v amp_gsa usqp outputamp
  phpsessid jsessionid aspsessionid cfid cftoken zenid oscsid sessionid session_id sess_id php_session_id
  guccounter guce_referrer guce_referrer_sig
  __cf_chl_tk __cf_chl_rt_tk
  `
    .trim()
    .split(/\s+/),
)

const trackingPrefixes = [
  'utm_',
  'hsa_',
  'mtm_',
  'matomo_',
  'pk_',
  'piwik_',
  'at_',
  'aspsessionid',
  'wt.',
  'ga_',
  'itm_',
  'hmsr_',
  'stm_',
]

/** Names that hold an id in one place and a referrer in another: only a value that names a way of arriving is dropped. */
const arrivalNames = new Set([
  'from',
  'ref',
  'refer',
  'referer',
  'referrer',
  'source',
  'src',
  'fr',
  'frm',
  'f',
  'via',
  'origin',
  'platform',
  'plat',
  'app',
  'share',
  'medium',
  'scene',
  'entry',
  'mod',
  'client',
  'fromto',
  'for',
  'comefrom',
  'fromtype',
  'fromsource',
  'from_source',
])
const arrivals =
  /^(?:(?:share|shared|sharing|copy|copylink|link|push|notification|banner|timeline|singlemessage|groupmessage|moments?|friends?|weibo|sina|sinaweibo|wechat|weixin|wx|wxwork|qq|qzone|qqfriend|tim|toutiao|douyin|tiktok|kuaishou|xiaohongshu|zhihu|baidu|sogou|so|360|google|bing|yahoo|duckduckgo|twitter|x|facebook|fb|linkedin|telegram|whatsapp|line|reddit|instagram|email|mail|newsletter|rss|feed|atom|app|android|ios|iphone|ipad|h5|wap|mobile|pc|web|desktop|client|spider|home|homepage|index|related|recommend|recommended|search|qudao|kuaibao|appshare|dingtalk|qrcode|qr|tg|hp)(?:[_.-]?(?:share|shared|app|web|h5|feed|timeline|moments|friend|friends|news|pc|wap|mobile|android|ios|link|click|search|home|page))?)$/

/** Names that defeat caches, with a clock's or a die's value. `t=1001` is an id; `t=1572500000123` is a clock. */
const cacheNames = new Set([
  '_',
  '_t',
  't',
  'ts',
  'time',
  'timestamp',
  'timestamps',
  '_time',
  'r',
  '_r',
  'rand',
  'random',
  'rnd',
  'rd',
  'nocache',
  'cb',
  'cachebuster',
  '_dc',
  'v',
  '_v',
  'd',
  'date',
])
const cacheValue = /^(?:1\d{9}|1\d{12}|0\.\d{3,})$/

/** A session key rather than a small id: long, letters and digits mixed. */
const sessionNames = new Set(['sid', 's', 'session', 'sess', 'ssid', 'token'])
const sessionValue = /^(?=[^\d]*\d)(?=[^a-z]*[a-z])[\da-z]{20,}$/i

/** Names that choose how a page looks, when their value says so. */
const viewNames = new Set([
  'view',
  'mode',
  'action',
  'act',
  'do',
  'format',
  'output',
  'outputtype',
  'layout',
  'style',
  'template',
  'tmpl',
  'display',
  'type',
  'version',
  'variant',
  'theme',
  'device',
  'm',
  'mobile',
  'print',
  'printable',
  'printview',
  'printpage',
  'printerfriendly',
  'isprint',
  'is_print',
  'amp',
  'mip',
  'wap',
  'ismobile',
  'is_mobile',
  'nomobile',
  'from_mobile',
])
const viewValue =
  /^(?:print|printable|printview|print_view|printpage|printer|printer-friendly|printerfriendly|amp|mip|wap|mobile|touch|h5)$/
const switchNames =
  /^(?:print|printable|printview|printpage|printerfriendly|isprint|is_print|amp|mip|wap|mobile|ismobile|is_mobile|nomobile|outputamp)$/
const switchValue = /^(?:|1|true|yes|y|on|all|preview)$/

/**
 * Whether a query parameter leaves the page the same when it is taken away: tracking, sharing, sessions, cache busters, print and mobile views.
 * @param name and value: percent-decoded
 * @param others the names of all parameters of the address, in lower case
 */
export function isIncidental(name: string, value: string | null, others: ReadonlySet<string>): boolean {
  const key = name.toLowerCase()
  const text = (value ?? '').toLowerCase()
  if (trackingNames.has(key) || trackingPrefixes.some((prefix) => key.startsWith(prefix))) return true
  if (switchNames.test(key) && switchValue.test(text)) return true
  if (viewNames.has(key) && viewValue.test(text)) return true
  if (cacheNames.has(key) && cacheValue.test(text)) return true
  if (sessionNames.has(key) && sessionValue.test(text)) return true
  // A journey or a rate (`from=USD&to=CNY`) is no referrer.
  if (arrivalNames.has(key) && !(key === 'from' && others.has('to'))) return arrivals.test(text)
  return false
}
