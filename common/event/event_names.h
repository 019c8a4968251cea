/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON names of an event's attributes and of their values, one list for both directions.
 * Private to this library.
 */
#ifndef HOSO_EVENT_EVENT_NAMES_H
#define HOSO_EVENT_EVENT_NAMES_H

/* X(TYPE, member of struct event, JSON name, proto name), in the order they are written. */
#define EVENT_ATTRIBUTE_LIST(X)                                     \
    X(TEXT, event_id, "eventId", "event_id")                        \
    X(TEXT, dossier, "dossier", "dossier")                          \
    X(KIND, kind, "kind", "kind")                                   \
    X(TIME, occurred_at_ms, "occurredAt", "occurred_at")            \
    X(TEXT, unit, "unit", "unit")                                   \
    X(TEXT, procedure, "procedure", "procedure")                    \
    X(TEXT, field, "field", "field")                                \
    X(CHANNEL, channel, "channel", "channel")                       \
    X(LEVEL, level, "serviceLevel", "service_level")                \
    X(TIME, due_at_ms, "dueAt", "due_at")                           \
    X(FLAG, out_of_territory, "outOfTerritory", "out_of_territory") \
    X(FLAG, apology_sent, "apologySent", "apology_sent")            \
    X(FLAG, paid_online, "paidOnline", "paid_online")               \
    X(TEXT, reason, "reason", "reason")                             \
    X(TEXT, voids, "voids", "voids")                                \
    X(CLASS, petition_class, "petitionClass", "petition_class")

/* X(name, value) */
#define EVENT_CHANNEL_NAMES(X)  \
    X("ONLINE", CHANNEL_ONLINE) \
    X("DIRECT", CHANNEL_DIRECT) \
    X("POSTAL", CHANNEL_POSTAL)
#define EVENT_LEVEL_NAMES(X)    \
    X("FULL", LEVEL_FULL)       \
    X("PARTIAL", LEVEL_PARTIAL) \
    X("NONE", LEVEL_NOT_ONLINE)
/* Old documents number the levels: 4 was the full online service, 3 the partial one. Read, never
 * written. */
#define EVENT_OLD_LEVEL_NAMES(X) \
    X("MUC_DO_4", LEVEL_FULL)    \
    X("MUC_DO_3", LEVEL_PARTIAL) \
    X("mức độ 4", LEVEL_FULL)    \
    X("mức độ 3", LEVEL_PARTIAL) \
    X("Mức độ 4", LEVEL_FULL)    \
    X("Mức độ 3", LEVEL_PARTIAL) \
    X("4", LEVEL_FULL)           \
    X("3", LEVEL_PARTIAL)
#define EVENT_CLASS_NAMES(X)                  \
    X("ADMINISTRATIVE", CLASS_ADMINISTRATIVE) \
    X("BUSINESS", CLASS_BUSINESS)

#endif
