/* SPDX-License-Identifier: Apache-2.0
 *
 * The feed seen from other threads: its life, who may enter, its snapshots.
 */
#include "services/reporting/feed/feed_internal.h"

#include <stdlib.h>

#include "log/log.h"
#include "services/reporting/answers/request.h"

#define DOMAIN_PUBLIC "hoso.totals"
#define DOMAIN_RESTRICTED "hoso.totals.restricted"

/* Unit ids between blanks. */
static enum status parse_restricted(const char *text, struct totals_restricted *restricted,
                                    struct error *error)
{
    for (text += strspn(text, " "); text[0] != '\0'; text += strspn(text, " ")) {
        const size_t size = strcspn(text, " ");
        if (size > CATALOGUE_ID_MAX || restricted->count == TOTALS_RESTRICTED_MAX) {
            return error_set(error, STATUS_INVALID,
                             "totals_restricted: at most %d unit ids of %d bytes, with blanks "
                             "between them",
                             TOTALS_RESTRICTED_MAX, CATALOGUE_ID_MAX);
        }
        memcpy(restricted->units[restricted->count++], text, size);
        text += size;
    }
    return STATUS_OK;
}

static bool sees_all(const struct principal *principal)
{
    return principal->role == ROLE_ADMIN || principal->role == ROLE_SERVICE || principal->all_units;
}

/* Has the principal the right to each of these subtrees? Without a catalogue nobody can be known
 * to have. */
static bool sees_each(struct feed *feed, const struct principal *principal,
                      const struct slice *units, unsigned count)
{
    struct replica_view view;
    if (replica_begin(feed->options.replica, &view) != STATUS_OK) {
        return false;
    }
    bool may = view.catalogue != NULL;
    for (unsigned i = 0; i < count && may; i++) {
        may = principal_covers(principal, view.catalogue, units[i]);
    }
    replica_end(feed->options.replica, &view);
    return may;
}

static bool sees_restricted(struct feed *feed, const struct principal *principal)
{
    struct slice units[TOTALS_RESTRICTED_MAX];
    for (unsigned i = 0; i < feed->restricted.count; i++) {
        units[i] = slice_text(feed->restricted.units[i]);
    }
    return sees_all(principal) || sees_each(feed, principal, units, feed->restricted.count);
}

/* The gateway passes to each principal on what that may see. */
static bool sees_public(const struct feed *feed, const struct principal *principal)
{
    return feed->options.settings->totals_follow_rights == 0 || sees_all(principal) ||
           principal->role == ROLE_GATEWAY;
}

bool feed_may_enter(struct feed *feed, enum totals_feed which, const char *name)
{
    return feed_may_ask(feed, which, name, slice_text(""));
}

bool feed_may_ask(struct feed *feed, enum totals_feed which, const char *name, struct slice unit)
{
    struct registry *registry = feed->options.service->registry;
    const struct principal *principal = registry_begin(registry, name);
    bool may = principal != NULL && principal->role != ROLE_NONE;
    if (may && which == TOTALS_RESTRICTED) {
        may = sees_restricted(feed, principal);
    } else if (may) {
        may = sees_public(feed, principal) ||
              (unit.size != 0 && sees_each(feed, principal, &unit, 1));
    }
    registry_end(registry);
    return may;
}

static bool admit(void *context, const char *domain, const char *name)
{
    if (strcmp(domain, DOMAIN_PUBLIC) == 0) {
        return feed_may_enter(context, TOTALS_PUBLIC, name);
    }
    return strcmp(domain, DOMAIN_RESTRICTED) == 0 &&
           feed_may_enter(context, TOTALS_RESTRICTED, name);
}

struct feed_counts feed_counts(struct feed *feed)
{
    feed_lock(feed);
    struct feed_counts counts = feed->counts;
    counts.units = feed->totals != NULL ? feed->totals->count : 0;
    feed_unlock(feed);
    return counts;
}

static char *topic_text(struct arena *arena, const char *kind, const struct totals_node *node)
{
    char topic[BUS_TOPIC_MAX + 1];
    topic_format(kind, node->path, topic);
    return arena_string(arena, slice_text(topic));
}

/* The heartbeat last: once one comes, all the others are in force, too. */
static enum status add_subscriptions(const struct totals *totals, const struct totals_node *root,
                                     struct arena *arena, Hoso__V1__TotalsSnapshotReply *reply)
{
    enum { SUBSCRIPTIONS_MAX = 4 };
    reply->subscriptions = arena_array(arena, SUBSCRIPTIONS_MAX, sizeof(char *));
    if (reply->subscriptions == NULL) {
        return STATUS_TOO_LARGE;
    }
    if (root == NULL) {
        reply->subscriptions[reply->n_subscriptions++] = message_text(TOPIC_TOTALS);
        reply->subscriptions[reply->n_subscriptions++] = message_text(TOPIC_FEED_RESET);
        reply->subscriptions[reply->n_subscriptions++] = message_text(TOPIC_FEED_BEAT);
        return STATUS_OK;
    }
    const char *units[CATALOGUE_DEPTH_MAX];
    char below[BUS_TOPIC_MAX + 1];
    topic_below(units, totals_path(totals, root, units), below);
    reply->subscriptions[reply->n_subscriptions++] = topic_text(arena, TOPIC_TOTALS, root);
    reply->subscriptions[reply->n_subscriptions++] = arena_string(arena, slice_text(below));
    reply->subscriptions[reply->n_subscriptions++] = message_text(TOPIC_FEED_RESET);
    reply->subscriptions[reply->n_subscriptions++] = topic_text(arena, TOPIC_BEAT, root);
    return arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status add_units(const struct totals *totals, const struct totals_node *root,
                             enum totals_feed which, struct arena *arena,
                             Hoso__V1__TotalsSnapshotReply *reply)
{
    const uint32_t from = root != NULL ? (uint32_t)(root - totals->nodes) : 0;
    const uint32_t to = root != NULL ? root->end : totals->count;
    reply->units = arena_array(arena, to - from, sizeof(Hoso__V1__SnapshotUnit *));
    for (uint32_t i = from; i < to && !arena->exceeded; i++) {
        const struct totals_node *node = &totals->nodes[i];
        if (node->feed != which) {
            continue;
        }
        Hoso__V1__SnapshotUnit *unit = arena_alloc(arena, sizeof *unit);
        if (unit == NULL) {
            break;
        }
        hoso__v1__snapshot_unit__init(unit);
        unit->topic = topic_text(arena, TOPIC_TOTALS, node);
        unit->sequence = node->sequence;
        unit->totals = totals_message(arena, totals, node);
        reply->units[reply->n_units++] = unit;
    }
    return arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status fill_snapshot(const struct feed *feed, enum totals_feed which, struct slice unit,
                                 struct arena *arena, Hoso__V1__TotalsSnapshotReply *reply)
{
    const struct totals *totals = feed->totals;
    if (totals == NULL || feed->next != NULL) {
        return STATUS_UNAVAILABLE;
    }
    const struct feed_place *place = &feed->outlets[which].place;
    const struct totals_node *root = unit.size != 0 ? totals_find(totals, unit) : NULL;
    if (unit.size != 0 && (root == NULL || root->feed != which)) {
        return STATUS_NOT_FOUND;
    }
    reply->header = header_message(arena, place, 0);
    reply->messages = root != NULL ? root->messages : place->sequence;
    const enum status status = add_subscriptions(totals, root, arena, reply);
    return status == STATUS_OK ? add_units(totals, root, which, arena, reply) : status;
}

enum status feed_snapshot(struct feed *feed, enum totals_feed which, struct slice unit,
                          struct arena *arena, Hoso__V1__TotalsSnapshotReply **ret_reply)
{
    Hoso__V1__TotalsSnapshotReply *reply = arena_alloc(arena, sizeof *reply);
    if (reply == NULL) {
        return STATUS_TOO_LARGE;
    }
    if (!outlet_exists(&feed->outlets[which])) {
        return STATUS_INVALID;
    }
    hoso__v1__totals_snapshot_reply__init(reply);
    feed_lock(feed);
    const enum status status = fill_snapshot(feed, which, unit, arena, reply);
    feed_unlock(feed);
    if (status == STATUS_OK) {
        *ret_reply = reply;
    }
    return status;
}

static enum status open_outlets(struct feed *feed, struct error *error)
{
    enum status status =
        parse_restricted(feed->options.settings->totals_restricted, &feed->restricted, error);
    if (status == STATUS_OK) {
        status = outlet_open(&feed->outlets[TOTALS_PUBLIC], error);
    }
    if (status == STATUS_OK) {
        status = outlet_open(&feed->outlets[TOTALS_RESTRICTED], error);
    }
    for (unsigned i = 0; i < TOTALS_FEEDS && status == STATUS_OK; i++) {
        if (outlet_exists(&feed->outlets[i])) {
            log_event(LOG_INFO, "feed.listening", "publishing live totals", "endpoint",
                      bus_endpoint(feed->outlets[i].socket), "domain", feed->outlets[i].domain,
                      NULL);
        }
    }
    return status;
}

static void feed_free(struct feed *feed)
{
    service_guard(feed->options.service, NULL, NULL);
    for (unsigned i = 0; i < TOTALS_FEEDS; i++) {
        outlet_fini(&feed->outlets[i]);
    }
    totals_free(feed->totals);
    totals_free(feed->next);
    require(pthread_mutex_destroy(&feed->lock) == 0);
    free(feed);
}

enum status feed_open(const struct feed_options *options, struct feed **ret_feed,
                      struct error *error)
{
    struct service *service = options->service;
    const struct reporting_settings *settings = options->settings;
    const char *public_endpoint = settings->totals_listen;
    const char *restricted_endpoint = settings->totals_restricted_listen;
    if (public_endpoint[0] == '\0' && restricted_endpoint[0] == '\0') {
        return STATUS_OK;
    }
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL) {
        return error_set(error, STATUS_INTERNAL, "feed: out of memory");
    }
    feed->options = *options;
    feed->interval_ms = settings->totals_interval_ms;
    feed->work = FEED_CHANGED;
    feed->revocations = registry_revocations(service->registry);
    require(pthread_mutex_init(&feed->lock, NULL) == 0);
    outlet_init(&feed->outlets[TOTALS_PUBLIC], service->bus, public_endpoint, DOMAIN_PUBLIC);
    outlet_init(&feed->outlets[TOTALS_RESTRICTED], service->bus, restricted_endpoint,
                DOMAIN_RESTRICTED);
    service_guard(service, admit, feed);
    const enum status status = open_outlets(feed, error);
    if (status != STATUS_OK) {
        feed_free(feed);
        return status;
    }
    require(pthread_create(&feed->thread, NULL, feed_run, feed) == 0);
    *ret_feed = feed;
    return STATUS_OK;
}

void feed_close(struct feed *feed)
{
    if (feed != NULL) {
        atomic_store(&feed->stopping, true);
        bus_wake_signal(feed->options.applied);
        (void)pthread_join(feed->thread, NULL);
        feed_free(feed);
    }
}
