/* SPDX-License-Identifier: Apache-2.0
 *
 * Log in, log out, who am I. Whether the name does not exist or the password is another takes the
 * same time and gives the same answer.
 */
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/localday.h"
#include "registry/registry_login.h"
#include "render/json.h"
#include "services/gateway/handlers.h"
#include "services/gateway/metrics.h"
#include "services/gateway/login/sessions.h"
#include "services/gateway/login/throttle.h"

#define SESSION_COOKIE "hoso_session=%s; Path=/; HttpOnly; SameSite=Strict%s"

enum { SESSION_RETRY_S = 2 };

static void put_me(struct render_json *json, const struct web_request *request,
                   const struct principal *principal)
{
    char time[TIME_TEXT_SIZE];
    char today[DATE_TEXT_SIZE];
    localday_format(localday_today(), today);
    json_put_object(json, NULL);
    json_put_text(json, "name", principal->name);
    json_put_text(json, "role", role_name(principal->role));
    json_put_array(json, "units");
    if (principal->all_units || principal->role == ROLE_ADMIN) {
        json_put_text(json, NULL, "*");
    }
    for (unsigned i = 0; i < principal->unit_count; i++) {
        json_put_text(json, NULL, principal->units[i]);
    }
    json_put_end(json);
    json_put_text(json, "language", request->english ? "en" : "vi");
    json_put_text(json, "today", today);
    json_put_number(json, "reportingDay", request->gateway->settings->reporting_day);
    if (request->who.expires_ms != 0) {
        time_format(request->who.expires_ms, time);
        json_put_text(json, "expiresAt", time);
    }
    json_put_end(json);
    (void)fputc('\n', json->out);
}

static void answer_me(struct web_request *request, const struct principal *principal)
{
    struct web_print print;
    if (!web_print_begin(request, &print)) {
        return;
    }
    struct render_json json = render_json_to(print.out);
    put_me(&json, request, principal);
    web_print_answer(request, &print, MHD_HTTP_OK, true);
}

void handle_me(struct web_request *request)
{
    const struct principal *principal = NULL;
    if (registry_principal_named(request->gateway->service->registry, request->who.name,
                                 &request->arena, &principal) == STATUS_OK) {
        answer_me(request, principal);
    } else {
        web_fail(request, PROBLEM_UNAUTHORIZED, NULL, "the registry does not know this name");
    }
}

static void log_in(struct web_request *request, const char *name, const char *password)
{
    struct gateway *gateway = request->gateway;
    struct metrics *metrics = gateway->service->metrics;
    const int64_t now_ms = clock_ms();
    const struct principal *principal = NULL;
    char token[SESSION_TOKEN_SIZE];
    const unsigned wait_s = throttle_wait_s(gateway->throttle, name, request->address, now_ms);
    if (wait_s != 0) {
        metrics_add(metrics, GATEWAY_LOG_INS, LOG_IN_THROTTLED, 1);
        request->answer.retry_s = wait_s;
        web_fail(request, PROBLEM_TOO_MANY, NULL,
                 "too many wrong passwords: wait %u seconds, or ask the administrator", wait_s);
        return;
    }
    const enum status status = registry_principal_by_password(
        gateway->service->registry, name, password, &request->arena, &principal);
    if (status == STATUS_BUSY) {
        request->answer.retry_s = SESSION_RETRY_S;
        web_fail(request, PROBLEM_UNAVAILABLE, NULL, "there is no memory to check the password");
        return;
    }
    if (status != STATUS_OK) {
        metrics_add(metrics, GATEWAY_LOG_INS, LOG_IN_FAILED, 1);
        throttle_failed(gateway->throttle, name, request->address, now_ms);
        web_fail(request, PROBLEM_UNAUTHORIZED, NULL,
                 "name and password do not go together, or the name may not log in");
        return;
    }
    metrics_add(metrics, GATEWAY_LOG_INS, LOG_IN_PASSED, 1);
    throttle_passed(gateway->throttle, name, request->address);
    (void)snprintf(request->who.name, sizeof request->who.name, "%s", name);
    request->who.by = WEB_BY_COOKIE;
    sessions_begin(gateway->sessions, name, principal->login_mark, token, &request->who.expires_ms);
    (void)snprintf(request->answer.cookie, sizeof request->answer.cookie, SESSION_COOKIE, token,
                   request->secure ? "; Secure" : "");
    sodium_memzero(token, sizeof token);
    answer_me(request, principal);
}

void handle_log_in(struct web_request *request)
{
    const struct slice body = buffer_slice(&request->body);
    json_t *object = json_loadb((const char *)body.data, body.size, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(object)) {
        web_fail(request, PROBLEM_INVALID, NULL,
                 "the body is no JSON object: {\"name\": …, \"password\": …}");
        json_decref(object);
        return;
    }
    const char *name = web_member(request, object, "name", true);
    const char *password = name != NULL ? web_member(request, object, "password", true) : NULL;
    if (password == NULL) {
        json_decref(object);
        return;
    }
    if (strlen(name) > BUS_NAME_MAX || strlen(password) > REGISTRY_PASSWORD_MAX) {
        web_fail(request, PROBLEM_INVALID, strlen(name) > BUS_NAME_MAX ? "name" : "password",
                 "a name has at most %d bytes, a password %d", BUS_NAME_MAX, REGISTRY_PASSWORD_MAX);
    } else {
        web_note(request, "name", arena_string(&request->arena, slice_text(name)));
        log_in(request, name, password);
    }
    sodium_memzero(request->body.data, request->body.size);
    json_decref(object);
}

void handle_log_out(struct web_request *request)
{
    const char *cookie =
        MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND, "hoso_session");
    if (cookie != NULL) {
        sessions_end(request->gateway->sessions, cookie);
    }
    (void)snprintf(request->answer.cookie, sizeof request->answer.cookie,
                   SESSION_COOKIE "; Max-Age=0", "", request->secure ? "; Secure" : "");
    (void)web_answer(request, MHD_HTTP_NO_CONTENT, NULL);
}
