/* SPDX-License-Identifier: Apache-2.0
 *
 * Who asks: a trusted proxy's word, a token, or a session's cookie, in this order. Whoever it is
 * must be in the registry at this moment. What a cookie or a proxy lets in is also sent along by a
 * browser when another site asks it to, so it changes nothing unless the request says that it comes
 * from our own page.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "registry/registry_login.h"
#include "services/gateway/http/server.h"
#include "services/gateway/login/sessions.h"

#define COOKIE_NAME "hoso_session"
#define BEARER "Bearer "
#define FORWARDED_FOR "X-Forwarded-For"
#define FORWARDED_PROTO "X-Forwarded-Proto"

static void peer_address(struct web_request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info != NULL ? info->client_addr : NULL;
    const void *raw = NULL;
    if (address != NULL && address->sa_family == AF_INET) {
        raw = &((const struct sockaddr_in *)address)->sin_addr;
    } else if (address != NULL && address->sa_family == AF_INET6) {
        raw = &((const struct sockaddr_in6 *)address)->sin6_addr;
    }
    if (raw == NULL ||
        inet_ntop(address->sa_family, raw, request->address, sizeof request->address) == NULL) {
        request->address[0] = '\0';
    }
}

/* The last of a list of addresses: the one that our proxy saw itself. */
static void forwarded_address(struct web_request *request)
{
    const char *list = web_header(request, FORWARDED_FOR);
    if (list != NULL) {
        const char *comma = strrchr(list, ',');
        const char *last = comma != NULL ? comma + 1 + strspn(comma + 1, " ") : list;
        struct in6_addr parsed;
        if (inet_pton(AF_INET, last, &parsed) == 1 || inet_pton(AF_INET6, last, &parsed) == 1) {
            (void)snprintf(request->address, sizeof request->address, "%s", last);
        }
    }
}

/* Of this moment: who lost it, or has another password since a session began, is nobody. */
static void set_principal(struct web_request *request, enum web_credential by,
                          const struct principal *principal)
{
    request->who.by = by;
    request->who.role = principal->role;
    (void)snprintf(request->who.name, sizeof request->who.name, "%s", principal->name);
}

static void take_cookie(struct web_request *request, const char *cookie)
{
    const struct gateway *gateway = request->gateway;
    const struct principal *principal = NULL;
    struct session_found session;
    if (sessions_find(gateway->sessions, cookie, &session) &&
        registry_principal_named(gateway->service->registry, session.name, &request->arena,
                                 &principal) == STATUS_OK &&
        principal->login_mark == session.mark) {
        set_principal(request, WEB_BY_COOKIE, principal);
        request->who.expires_ms = session.expires_ms;
    }
}

/* True = there is a credential; it is not good if `who` stays empty. */
static bool take_credential(struct web_request *request, bool trusted)
{
    const struct gateway *gateway = request->gateway;
    struct registry *registry = gateway->service->registry;
    const struct principal *principal = NULL;
    const char *header = gateway->settings->proxy_user;
    const char *user = trusted && header[0] != '\0' ? web_header(request, header) : NULL;
    const char *authorization = web_header(request, MHD_HTTP_HEADER_AUTHORIZATION);
    const char *cookie =
        MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND, COOKIE_NAME);
    if (user != NULL) {
        if (registry_principal_named(registry, user, &request->arena, &principal) == STATUS_OK) {
            set_principal(request, WEB_BY_PROXY, principal);
        }
    } else if (authorization != NULL) {
        if (strncasecmp(authorization, BEARER, strlen(BEARER)) == 0 &&
            registry_principal_by_token(registry, authorization + strlen(BEARER), &request->arena,
                                        &principal) == STATUS_OK) {
            set_principal(request, WEB_BY_TOKEN, principal);
        }
    } else if (cookie != NULL) {
        take_cookie(request, cookie);
    }
    return user != NULL || authorization != NULL || cookie != NULL;
}

/* The host of "https://host:port" and our own. */
static bool is_own_origin(const struct web_request *request, const char *origin)
{
    const char *own = request->gateway->settings->origin;
    const char *host = web_header(request, MHD_HTTP_HEADER_HOST);
    const char *scheme = strstr(origin, "://");
    if (own[0] != '\0') {
        return strcmp(own, origin) == 0;
    }
    return scheme != NULL && host != NULL && strcasecmp(scheme + 3, host) == 0;
}

/* From our own page; `silent` = what a request means that does not say. */
static bool is_from_page(const struct web_request *request, bool silent)
{
    const char *site = web_header(request, "Sec-Fetch-Site");
    const char *origin = web_header(request, MHD_HTTP_HEADER_ORIGIN);
    if (origin != NULL && !is_own_origin(request, origin)) {
        return false;
    }
    if (site != NULL) {
        return strcmp(site, "same-origin") == 0;
    }
    return origin != NULL || silent;
}

static bool changes_something(const struct web_request *request)
{
    return strcmp(request->route->method, MHD_HTTP_METHOD_GET) != 0;
}

bool server_authenticate(struct web_request *request)
{
    const struct web_route *route = request->route;
    peer_address(request);
    const bool trusted = web_is_word(request->gateway->settings->trusted_proxies, request->address);
    if (trusted) {
        const char *proto = web_header(request, FORWARDED_PROTO);
        request->secure = proto != NULL && strcmp(proto, "https") == 0;
        forwarded_address(request);
    }
    if (route->roles == WEB_ANYBODY) {
        if (changes_something(request) && !is_from_page(request, true)) {
            web_fail(
                request, PROBLEM_DENIED, NULL,
                "the request comes from another site than the page: log in on the page itself");
            return false;
        }
        return true;
    }
    const bool given = take_credential(request, trusted);
    if (request->who.by == WEB_NOBODY || !role_may_log_in(request->who.role)) {
        request->who = (struct web_principal){.by = WEB_NOBODY};
        web_fail(request, PROBLEM_UNAUTHORIZED, NULL,
                 given ? "the session or token is not good (any more): log in, or ask the "
                         "administrator for a new token"
                       : "log in with POST /v1/session, or send a token: Authorization: Bearer …");
    } else if ((route->roles & WEB_ROLE(request->who.role)) == 0) {
        web_fail(request, PROBLEM_DENIED, NULL, "the role %s may not do this",
                 role_name(request->who.role));
    } else if (changes_something(request) && request->who.by != WEB_BY_TOKEN &&
               !is_from_page(request, false)) {
        web_fail(request, PROBLEM_DENIED, NULL,
                 "the request does not say that it comes from the page (Origin, Sec-Fetch-Site): "
                 "programs use a token");
    }
    return request->answer.status == 0;
}
