/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of routes: what a path takes, who may ask, whose thread handles it.
 */
#ifndef HOSO_GATEWAY_ROUTE_H
#define HOSO_GATEWAY_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registry/registry.h"

#define WEB_ANYBODY 0u /* roles: nobody has to be logged in */
#define WEB_ROLE(role) (1u << (role))
#define WEB_READERS (WEB_ROLE(ROLE_SOURCE) | WEB_ROLE(ROLE_AGENCY) | WEB_ROLE(ROLE_ADMIN))

struct web_request;

enum web_parameter_kind {
    WEB_TEXT,
    WEB_DATE,   /* "2024-01-19" */
    WEB_FLAG,   /* true or false */
    WEB_NUMBER, /* `min` to `max` */
    WEB_CUT,    /* POSITION@INCARNATION */
    WEB_CHOICE  /* one of `choices`, with blanks between */
};

struct web_parameter {
    const char *name;
    enum web_parameter_kind kind;
    bool required;
    uint64_t min, max;
    const char *choices;
    bool secret; /* may hold a dossier's code: not for the audit log */
};

/* Whose thread handles a request. */
enum web_lane {
    WEB_AT_ONCE, /* the library's: nothing that waits */
    WEB_WORK,    /* a worker, which asks the other services */
    WEB_HASH     /* the one that checks passwords: slow on purpose */
};

/* Fills the answer, or leaves it to web_fail. */
typedef void web_handler(struct web_request *request);

/* A row of the table of routes, which ends with a NULL path. */
struct web_route {
    const char *method;
    const char *path; /* a last part in braces stands for the rest: "/v1/reports/{form}" */
    unsigned roles;
    enum web_lane lane;
    web_handler *handle;
    const struct web_parameter *parameters; /* closed by a NULL name; NULL = none */
    const char *body;                       /* media types that it takes, with blanks between */
    size_t body_max;                        /* 0 = takes no body */
    bool secret_rest;                       /* what the braces stand for is not for the audit log */
    bool any_query;                         /* its parameters are somebody else's business */
    bool unaudited;                         /* says nothing about anybody: not in the audit log */
};

extern const struct web_route gateway_routes[]; /* main.c's */

#endif
