/* SPDX-License-Identifier: Apache-2.0
 *
 * What the reading calls share. Private to libhoso.
 */
#ifndef HOSO_CLIENT_CALL_READ_INTERNAL_H
#define HOSO_CLIENT_CALL_READ_INTERNAL_H

#include "client/client.h"
#include "client/hoso_events.h"
#include "hoso/v1/reporting.pb-c.h"

/* A text for a request; protobuf-c does not write to it. NULL = empty. */
char *text_in(const char *text);
/* client_call to reporting with the result's arena; a NULL result is out of memory. */
enum hoso_status ask_reporting(struct hoso_client *client, Hoso__V1__ReportingRequest *request,
                               unsigned expect, void *result, ProtobufCMessage **ret_body,
                               struct hoso_error *error);
/* Likewise, but reporting waits for the request's min_position, again and again until the client's
 * timeout. `wait_ms` is the request's own. */
enum hoso_status ask_waiting(struct hoso_client *client, Hoso__V1__ReportingRequest *request,
                             unsigned expect, uint64_t min_position, uint32_t *wait_ms,
                             void *result, ProtobufCMessage **ret_body, struct hoso_error *error);
/* In the result's arena; never NULL for a count of 0 while there is memory. */
void *result_array(void *result, size_t count, size_t size);
/* An enum value's name without its enum's prefix: KIND_RECEIVED → RECEIVED; "" for 0. */
const char *enum_text(const ProtobufCEnumDescriptor *descriptor, int value, size_t prefix);
/* The other way. No name leaves `ret_value`; false = there is no such name. */
bool enum_of(const ProtobufCEnumDescriptor *descriptor, const char *name, size_t prefix,
             int *ret_value);
/* In the result's arena; false = out of memory. */
bool fill_finding_lines(void *result, Hoso__V1__Finding *const *wire, size_t count,
                        struct hoso_findings *findings);
struct hoso_close close_of(const Hoso__V1__ClosedPeriod *wire);
struct hoso_cut cut_of(const Hoso__V1__Cut *wire);

#endif
