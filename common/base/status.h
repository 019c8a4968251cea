/* SPDX-License-Identifier: Apache-2.0
 *
 * Every fallible function of hoso returns an `enum status` that must be used. Codes of LMDB, ZeroMQ
 * and errno are translated once, in their wrappers. `struct error` carries the sentence for people:
 * what failed, where, why, what to do. It is plain memory, owned by the caller; functions that take
 * one accept NULL.
 */
#ifndef HOSO_BASE_STATUS_H
#define HOSO_BASE_STATUS_H

#include <stddef.h>

#define STATUS_LIST(X)                          \
    X(OK, "ok")                                 \
    X(INVALID, "invalid input")                 \
    X(NOT_FOUND, "not found")                   \
    X(EXISTS, "exists already")                 \
    X(DENIED, "not allowed")                    \
    X(TOO_LARGE, "over a limit")                \
    X(FULL, "storage is full")                  \
    X(IO, "input/output error")                 \
    X(CORRUPT, "stored data are damaged")       \
    X(VERSION, "made by another version")       \
    X(BUSY, "in use or queue full")             \
    X(TIMEOUT, "timed out")                     \
    X(UNAVAILABLE, "peer does not answer")      \
    X(NOT_READY, "not ready yet")               \
    X(CLOSED, "closed")                         \
    X(CONFLICT, "conflicts with what is there") \
    X(INTERNAL, "broken invariant")

enum status {
#define STATUS_ENUM(name, text) STATUS_##name,
    STATUS_LIST(STATUS_ENUM)
#undef STATUS_ENUM
        STATUS_COUNT
};

#define MUST_USE __attribute__((warn_unused_result))

enum { ERROR_TEXT_MAX = 512 };

struct error {
    enum status status;
    char text[ERROR_TEXT_MAX];
};

/* The first failure of two things that were both done; OK = none failed. */
static inline enum status status_first(enum status first, enum status second)
{
    return first != STATUS_OK ? first : second;
}

/* The code's text, for logs. */
const char *status_text(enum status status);

/* error_set(error, status, format, …) fills `error` (unless NULL) with a formatted sentence, cut at
 * ERROR_TEXT_MAX, and returns `status`: in sight of the compiler, which so knows that a failure is
 * not STATUS_OK. Each argument is evaluated once. */
#define error_set(error, status, ...) error_as(error_format((error), __VA_ARGS__), (status))

/* The two halves of error_set. error_format keeps errno and returns `error`. */
__attribute__((format(printf, 2, 3))) struct error *error_format(struct error *error,
                                                                 const char *format, ...);

static inline enum status error_as(struct error *error, enum status status)
{
    if (error != NULL) {
        error->status = status;
    }
    return status;
}

#endif
