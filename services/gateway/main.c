/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-gateway: HTTP for programs and browsers without ZeroMQ. Below: every path that it answers
 * (docs/openapi.yaml describes them), with what it takes and who may ask, and every setting.
 */
#include "services/gateway/handlers.h"
#include "services/gateway/metrics.h"

#define OWN(member, kind) SETTING(struct gateway_settings, member, kind)

/* clang-format off */
#define TEXT(text) {.name = (text)}
#define NEEDED(text) {.name = (text), .required = true}
#define DATE(text) {.name = (text), .kind = WEB_DATE}
#define FLAG(text) {.name = (text), .kind = WEB_FLAG}
#define CUT(text) {.name = (text), .kind = WEB_CUT}
#define NUMBER(text, least, most)                                                                 \
    {.name = (text), .kind = WEB_NUMBER, .min = (least), .max = (most)}
#define CHOICE(text, words) {.name = (text), .kind = WEB_CHOICE, .choices = (words)}
#define SECRET(text) {.name = (text), .secret = true}
#define END {.name = NULL}
#define LANG CHOICE("lang", "vi en")
#define LIST_FORMAT CHOICE("format", "json csv xlsx html")
#define PERIOD DATE("from"), DATE("to"), TEXT("month"), TEXT("quarter"), TEXT("year"),            \
               CHOICE("period", "last-month"), FLAG("cumulative"), DATE("treeAt")
#define PAGE LANG, NUMBER("limit", 1, 1000), SECRET("after"), LIST_FORMAT
#define PARAMETERS(...) (const struct web_parameter[]){__VA_ARGS__, END}
/* clang-format on */

#define JSON "application/json"

/* clang-format off */
#define ROUTE(verb, url, who, thread, handler) \
    .method = (verb), .path = (url), .roles = (who), .lane = (thread), .handle = (handler)
#define READ(url, handler, ...) \
    ROUTE("GET", url, WEB_READERS, WEB_WORK, handler), .parameters = PARAMETERS(__VA_ARGS__)
#define OPEN(url, handler) \
    ROUTE("GET", url, WEB_ANYBODY, WEB_AT_ONCE, handler), .unaudited = true
/* clang-format on */

const struct web_route gateway_routes[] = {
    {ROUTE("GET", "/v1/me", WEB_READERS, WEB_AT_ONCE, handle_me), .unaudited = true},
    {ROUTE("POST", "/v1/session", WEB_ANYBODY, WEB_HASH, handle_log_in), .body = JSON,
     .body_max = WEB_BODY_SMALL},
    {ROUTE("DELETE", "/v1/session", WEB_READERS, WEB_AT_ONCE, handle_log_out)},
    {READ("/v1/units", handle_units, TEXT("unit"), DATE("at"), FLAG("all"), LANG, LIST_FORMAT)},
    {READ("/v1/forms", handle_forms, LANG, LIST_FORMAT)},
    {READ("/v1/reports/{form}", handle_report, NEEDED("unit"), PERIOD, LANG, FLAG("all"),
          FLAG("communes"), CHOICE("compare", "previous year-ago closed"), TEXT("asClosed"),
          NUMBER("depth", 1, 64), CUT("minPosition"), CHOICE("format", "json csv xlsx docx html"))},
    {READ("/v1/dossiers", handle_dossiers, NEEDED("form"), NEEDED("column"), NEEDED("unit"),
          TEXT("reportUnit"), TEXT("field"), TEXT("procedure"), TEXT("row"), TEXT("asClosed"),
          FLAG("restated"), PERIOD, PAGE)},
    {READ("/v1/dossiers/{code}", handle_dossier, TEXT("space"), LANG), .secret_rest = true},
    {READ("/v1/overdue", handle_overdue, TEXT("unit"), NUMBER("within", 0, 365), FLAG("waiting"),
          FLAG("count"), DATE("at"), DATE("treeAt"), PAGE)},
    {READ("/v1/series", handle_series, NEEDED("unit"), PERIOD, LANG)},
    {READ("/v1/quality", handle_quality,
          CHOICE("kind", "ORPHAN IGNORED CONFLICTING VOID_UNMATCHED OVER_LIMIT RESULT_IMPLIED "
                         "UNIT_NOT_VALID"),
          TEXT("unit"), PAGE)},
    {READ("/v1/sources", handle_sources, TEXT("unit"), PAGE)},
    {READ("/v1/closes", handle_closes, TEXT("unit"), LANG, NUMBER("limit", 1, 1000),
          NUMBER("after", 1, UINT32_MAX), LIST_FORMAT)},
    {ROUTE("POST", "/v1/closes", WEB_READERS, WEB_WORK, handle_close), .body = JSON,
     .body_max = WEB_BODY_SMALL},
    {ROUTE("GET", "/v1/status", WEB_ROLE(ROLE_ADMIN), WEB_WORK, handle_status)},
    {READ("/v1/catalogue", handle_catalogue, DATE("at"), LANG)},
    {ROUTE("PUT", "/v1/catalogue", WEB_ROLE(ROLE_ADMIN), WEB_WORK, handle_put_catalogue),
     .parameters = PARAMETERS(FLAG("dryRun"), LANG), .body = JSON, .body_max = WEB_BODY_CATALOGUE},
    {ROUTE("POST", "/v1/events", WEB_ROLE(ROLE_SOURCE), WEB_WORK, handle_events),
     .body = "application/x-ndjson application/json", .body_max = WEB_BODY_EVENTS},
    {READ("/v1/totals", handle_totals, TEXT("unit"))},
    {OPEN("/v1/openapi.yaml", handle_openapi)},
    {OPEN("/livez", handle_live)},
    {OPEN("/readyz", handle_ready)},
    {OPEN("/", handle_page), .any_query = true},
    {OPEN("/{path}", handle_page), .any_query = true},
    {.path = NULL}};

static const struct setting settings[] = {
    SERVICE_SETTINGS_WITHOUT_STORE,
    {SERVICE_SETTING(listen, TEXT), "127.0.0.1:7306", 0, 0,
     "Where HTTP is answered, host:port in numbers; without TLS, which is a proxy's work."},
    {OWN(intake, ENDPOINTS), "tcp://127.0.0.1:7301", 0, 0, "Intake's endpoint."},
    {OWN(intake_key, PUBLIC_KEYS), NULL, 0, 0, "Intake's public key."},
    {OWN(reporting, ENDPOINTS), "tcp://127.0.0.1:7304", 0, 0, "Reporting's endpoint."},
    {OWN(reporting_key, PUBLIC_KEYS), NULL, 0, 0, "Reporting's public key."},
    {OWN(aggregation, ENDPOINTS), "", 0, 0,
     "Aggregation's endpoint, for the page of the system's state; empty = not shown."},
    {OWN(aggregation_key, PUBLIC_KEYS), "", 0, 0, "Aggregation's public key."},
    {OWN(totals, ENDPOINTS), "", 0, 0,
     "Reporting's feed of live totals, its setting totals_listen; empty = no live totals."},
    {OWN(reporting_day, NUMBER), "1", 1, 28, "The day on which a month of reports begins."},
    {OWN(timeout_ms, NUMBER), "10000", 100, 600000, "How long the other services may take."},
    {OWN(workers, NUMBER), "8", 1, 64, "Requests that are worked on at once."},
    {OWN(connections, NUMBER), "4096", 16, 60000, "Connections at once."},
    {OWN(connections_per_address, NUMBER), "0", 0, 60000,
     "Connections of one address; 0 = no limit but the one before, as behind a proxy."},
    {OWN(session_minutes, NUMBER), "60", 1, 720,
     "Who sends no request for so long has to log in again; after 12 hours in any case."},
    {OWN(audit, TEXT), "", 0, 0,
     "File of the audit log; empty = there is none. It and the one before, .1, take audit_bytes."},
    {OWN(audit_bytes, NUMBER), "67108864", 1 << 16, INT64_C(1) << 40, "Size of the audit log."},
    {OWN(origin, TEXT), "", 0, 0,
     "The page's address as browsers see it, like https://hoso.tinh.gov.vn; empty = the Host that "
     "a request names."},
    {OWN(trusted_proxies, TEXT), "", 0, 0,
     "Addresses of proxies, with blanks between, whose X-Forwarded-For and X-Forwarded-Proto are "
     "believed."},
    {OWN(proxy_user, TEXT), "", 0, 0,
     "Header in which a trusted proxy names who is logged in, like X-Remote-User; empty = none."},
    {OWN(cors_origins, TEXT), "", 0, 0,
     "Pages of other sites, with blanks between, whose scripts may read answers with a token."},
    {0},
};

int main(int argc, char **argv)
{
    const struct service_spec spec = {.name = "gateway",
                                      .summary = "answers programs and browsers over HTTP",
                                      .settings = settings,
                                      .settings_bytes = sizeof(struct gateway_settings),
                                      .start = gateway_start,
                                      .stop = gateway_stop,
                                      .health = gateway_health,
                                      .metrics = gateway_metrics,
                                      .metric_count = GATEWAY_METRIC_COUNT,
                                      .observe = gateway_observe};
    return service_run(argc, argv, &spec);
}
