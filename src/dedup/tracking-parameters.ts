/** What an address says beside one of its parameters. */
export interface ParameterSetting {
  /** Names of all parameters, in lower case. */
  readonly names: ReadonlySet<string>
  /** Whether the path alone names an article: a number of several digits, or a file. */
  readonly isArticlePath: boolean
}

const words = (text: string) => text.trim().split(/\s+/)

/**
 * Parameters that say how a reader came to a page, never which page it is; in lower case.
 * Only names that no known system uses for an id, a page or a section are here; names with two lives
 * (`from`, `ref`, `source`, `t`, `sid`) are judged by their value below.
 */
const trackingNames = new Set(
  words(`
  fbclid gclid gclsrc dclid wbraid gbraid gad_source gad_campaignid msclkid yclid ysclid twclid ttclid igshid igsh epik rdt_cid
  li_fat_id s_kwcid ef_id wickedid zanpid srsltid mkt_tok mc_cid mc_eid _openstat _ga _gl _ke _branch_match_id
  __s __hssc __hstc __hsfp hsctatracking vero_id vero_conv oly_anon_id oly_enc_id rb_clickid ml_subscriber ml_subscriber_hash
  ncid ocid icid s_cid sc_cid cmpid cmp ito trk trkinfo trkcampaign smid smtyp ftcamp xtor feedtype mbid sr_share
  ref_src ref_url refsrc refer_flag fb_action_ids fb_action_types fb_ref fb_source action_object_map action_type_map action_ref_map
  spm scm spm_id_from from_spmid vd_source unique_k buvid pvid ali_trackid ali_refid tb_trackid _trans_ _f
  isappinstalled nsukey mpshare sharer_shareid sharer_sharetime sharer_shareinfo sharer_shareinfo_first clicktime enterid wechatfrom
  wx_header wxshare_count weixin_share wxfrom pass_ticket sinawapsharesource
  wm ustat sudaref luicode lfid featurecode rfunc
  pgv_ref adtag ptag tdsourcetag aduin adsession adpubno openapp _wv _wwv
  bd_vid hmsr hmpl hmcu hmkw hmci wfr bdmark sfrom qhclickid
  tt_from tt_medium tt_campaign use_new_style req_id_new is_from_webapp is_copy_url sender_device sender_web_id
  clickfrom isfromh5share spss spsnuid spsdevid spsvid snstype
  share_token shareuid share_uid share_from share_source share_medium share_plat share_platform share_tag share_session_id share_times
  share_id shareid share_type sharetype share_channel share_to share_to_friend share_name share_app_id share_device share_did
  share_link_id share_crt_v share_iid share_enter share_count share_time share_user share_userid shared sharefrom sharesource sharetime
  isshare is_share fromshare from_share fromapp from_app isfromapp fromuid log_from
  __twitter_impression amp_js_v amp_gsa usqp outputamp
  phpsessid jsessionid cfid cftoken zenid oscsid sessionid session_id sess_id
  guccounter guce_referrer guce_referrer_sig __cf_chl_tk __cf_chl_rt_tk
  `),
)

const trackingPrefixes = words('utm_ hsa_ mtm_ matomo_ pk_ piwik_ at_ ns_ aspsessionid wt. ga_ itm_ stm_ elq')

/** Names that hold an id in one place and a referrer in another: dropped when the value names a way of arriving. */
const arrivalNames = new Set(
  words(
    'from ref refer referer referrer source src fr frm via origin platform plat share medium scene for comefrom fromtype fromsource from_source',
  ),
)
/** Of these, the names that next to a path that names an article can mean nothing else. */
const arrivalOnArticles = new Set(
  words('from fr frm source src refer referer referrer comefrom fromtype fromsource from_source'),
)
const arrivals = new Set(
  words(`
  share shared sharing copy copylink link push notification banner timeline singlemessage groupmessage moment moments friend friends
  weibo sina sinaweibo wechat weixin wx wxwork qq qzone qqfriend tim toutiao douyin tiktok kuaishou xiaohongshu zhihu baidu sogou so 360
  google bing yahoo duckduckgo twitter x facebook fb linkedin telegram whatsapp line reddit instagram email mail newsletter rss feed atom
  app android ios iphone ipad h5 wap mobile pc web desktop client spider home homepage index related recommend recommended search
  qudao kuaibao appshare dingtalk qrcode qr tg
  `),
)
/** Offsets and dates of lists: `from=20`, `from=2019-10-31`. */
const listPosition = /^(?:\d{1,7}|\d{4}-?\d{2}-?\d{2})$/

/** Names that defeat caches, with a clock's or a die's value. `t=1001` is an id; `t=1572500000123` is a clock. */
const cacheNames = new Set(
  words('_ _t t ts timestamp timestamps _time r _r rand random rnd rd nocache cb cachebuster _dc v _v'),
)
const cacheValue = /^(?:1\d{9}|1\d{12}|0\.\d{3,})$/

/** A session's key rather than a small id: long, letters and digits mixed. */
const sessionNames = new Set(words('sid s session sess ssid'))
const sessionValue = /^(?=[^\d]*\d)(?=[^a-z]*[a-z])[\da-z]{20,}$/i

/** Names that choose how a page looks, when their value says so; the device only where the name is of looks, for `type=mobile` is a section. */
const viewNames = new Set(
  words(
    'view mode action act do format output outputtype layout style template tmpl display type version variant theme',
  ),
)
const viewValues = new Set(
  words('print printable printview print_view printpage printer printer-friendly printerfriendly amp mip'),
)
const deviceNames = new Set(words('view mode layout template display version variant theme device outputtype'))
const deviceValues = new Set(words('wap mobile touch h5 m'))
const switchNames = new Set(
  words(
    'print printable printview printpage printerfriendly isprint is_print amp mip wap mobile ismobile is_mobile nomobile',
  ),
)
const switchValues = new Set(['', ...words('1 true yes y on all preview')])

/**
 * Whether a query parameter leaves the page the same when it is taken away: tracking, sharing, sessions, cache busters, print and
 * mobile views.
 * @param value percent-decoded where that is safe; `null` for a parameter without `=`
 */
export function isIncidental(name: string, value: string | null, setting: ParameterSetting): boolean {
  const key = name.toLowerCase()
  const text = (value ?? '').toLowerCase()
  if (trackingNames.has(key) || trackingPrefixes.some((prefix) => key.startsWith(prefix))) return true
  if (switchNames.has(key) && switchValues.has(text)) return true
  if (viewNames.has(key) && viewValues.has(text)) return true
  if (deviceNames.has(key) && deviceValues.has(text)) return true
  if (cacheNames.has(key) && cacheValue.test(text)) return true
  if (sessionNames.has(key) && sessionValue.test(text)) return true
  return arrivalNames.has(key) && isArrival(key, text, setting)
}

function isArrival(key: string, text: string, { names, isArticlePath }: ParameterSetting): boolean {
  // A journey or a rate (`from=USD&to=CNY`) is no referrer.
  if (key === 'from' && names.has('to')) return false
  const first = text.split(/[_.-]/, 1)[0] ?? ''
  if (arrivals.has(text) || (arrivals.has(first) && text !== first)) return true
  return isArticlePath && arrivalOnArticles.has(key) && !listPosition.test(text)
}
