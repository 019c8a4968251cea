/* SPDX-License-Identifier: Apache-2.0
 *
 * ListSources: whose events come in, and whose do not. What was sent is in the copy of the ledger;
 * grants and expiry of keys are in this service's registry, so that a source that never sent
 * anything is listed, too.
 */
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "ledger/source.h"
#include "registry/registry.h"
#include "services/reporting/answers/request.h"
#include "services/reporting/server.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

struct source_entry {
    const char *name;
    bool registered;
    bool all_units;
    char **units;
    unsigned unit_count;
    int32_t expires_day;
    struct source_entry *next;
};

struct source_list {
    struct request *request;
    const struct slice *roots; /* of the units asked for; none = all */
    unsigned root_count;
    struct source_entry *entries; /* newest first, names may repeat */
    size_t count;
};

static struct source_entry *add_entry(struct source_list *list, struct slice name)
{
    struct arena *arena = list->request->arena;
    if (list->entries != NULL && slice_equal(slice_text(list->entries->name), name)) {
        return list->entries;
    }
    struct source_entry *entry = arena_alloc(arena, sizeof *entry);
    const char *copy = arena_string(arena, name);
    if (entry == NULL || copy == NULL) {
        return NULL;
    }
    *entry = (struct source_entry){.name = copy, .next = list->entries};
    list->entries = entry;
    list->count++;
    return entry;
}

/* May it send events of a unit that was asked for? */
static bool is_concerned(const struct source_list *list, const struct principal *principal)
{
    const struct catalogue *catalogue = list->request->view->catalogue;
    bool concerned = list->root_count == 0 || principal->all_units;
    for (unsigned i = 0; i < list->root_count && !concerned; i++) {
        for (unsigned k = 0; k < principal->unit_count && !concerned; k++) {
            const struct slice granted = slice_text(principal->units[k]);
            concerned = scope_covers(catalogue, list->roots[i], granted) ||
                        scope_covers(catalogue, granted, list->roots[i]);
        }
    }
    return concerned;
}

static void add_registered(void *context, const struct principal *principal)
{
    struct source_list *list = context;
    struct arena *arena = list->request->arena;
    if (principal->role != ROLE_SOURCE || !is_concerned(list, principal)) {
        return;
    }
    struct source_entry *entry = add_entry(list, slice_text(principal->name));
    if (entry == NULL) {
        return;
    }
    entry->registered = true;
    entry->all_units = principal->all_units;
    entry->expires_day = principal->expires_day;
    entry->units = arena_array(arena, principal->unit_count + 1U, sizeof *entry->units);
    for (unsigned i = 0; entry->units != NULL && i < principal->unit_count; i++) {
        entry->units[entry->unit_count++] = arena_string(arena, slice_text(principal->units[i]));
    }
}

static void add_counted(void *context, struct slice source, const struct source_total *total)
{
    (void)total;
    (void)add_entry(context, source);
}

static void add_of_unit(void *context, struct slice source, const struct source_unit *days)
{
    (void)days;
    (void)add_entry(context, source);
}

static enum status add_sources_of_units(struct source_list *list)
{
    struct request *request = list->request;
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < list->root_count && status == STATUS_OK; i++) {
        const struct unit *const *units = NULL;
        uint32_t count = 0;
        status =
            scope_covered(request->view->catalogue, list->roots[i], request->arena, &units, &count);
        for (uint32_t k = 0; k < count && status == STATUS_OK; k++) {
            source_scan_unit(&request->copy.txn, REPLICA_LEDGER, units[k]->id, add_of_unit, list);
        }
    }
    return status;
}

/* By name; of one name the registered entry first. */
static int by_name(const void *a, const void *b)
{
    const struct source_entry *x = *(const struct source_entry *const *)a;
    const struct source_entry *y = *(const struct source_entry *const *)b;
    const int order = strcmp(x->name, y->name);
    return order != 0 ? order : y->registered - x->registered;
}

/* Each name once. */
static enum status sort_entries(struct source_list *list, struct source_entry ***ret_sorted,
                                size_t *ret_count)
{
    struct source_entry **sorted =
        arena_array(list->request->arena, list->count + 1, sizeof *sorted);
    size_t count = 0;
    size_t kept = 0;
    if (sorted == NULL || list->request->arena->exceeded) {
        return STATUS_TOO_LARGE;
    }
    for (struct source_entry *entry = list->entries; entry != NULL; entry = entry->next) {
        sorted[count++] = entry;
    }
    qsort(sorted, count, sizeof *sorted, by_name);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(sorted[kept - 1]->name, sorted[i]->name) != 0) {
            sorted[kept++] = sorted[i];
        }
    }
    *ret_sorted = sorted;
    *ret_count = kept;
    return STATUS_OK;
}

static char *grant_all[] = {(char *)(uintptr_t) "*"};

static void fill_registered(struct request *request, const struct source_entry *entry,
                            Hoso__V1__SourceLine *line)
{
    char expires[DATE_TEXT_SIZE] = "";
    line->registered = entry->registered;
    line->units = entry->all_units ? grant_all : entry->units;
    line->n_units = entry->all_units ? 1 : entry->unit_count;
    if (entry->registered && entry->expires_day != INT32_MAX) {
        localday_format(entry->expires_day, expires);
    }
    line->expires = arena_string(request->arena, slice_text(expires));
}

static void fill_counted(struct request *request, struct slice source, int32_t today,
                         Hoso__V1__SourceLine *line)
{
    struct store_txn *txn = &request->copy.txn;
    const struct date date = localday_date(today);
    struct source_total total;
    (void)source_read_total(txn, REPLICA_LEDGER, source, &total);
    line->events = total.events;
    line->first_event = total.first_ms;
    line->last_event = total.last_ms;
    line->events_today = source_events(txn, REPLICA_LEDGER, source, today, today + 1);
    line->events_month =
        source_events(txn, REPLICA_LEDGER, source, today - date.day + 1, today + 1);
    for (unsigned kind = 0; kind < SOURCE_FINDINGS_MAX; kind++) {
        const uint64_t count = (uint64_t)total.findings[kind];
        if (kind == HOSO__V1__FINDING_KIND__FINDING_KIND_CONFLICTING) {
            line->conflicts += count;
        } else {
            line->findings += count;
        }
    }
    int32_t sent_day = 0;
    line->silent = source_is_silent(txn, REPLICA_LEDGER, source, today, &sent_day);
}

static enum status fill_page(struct request *request, struct source_entry *const *entries,
                             size_t count, uint32_t limit, Hoso__V1__SourcePage *page)
{
    const char *after = request->body->list_sources->after;
    const int32_t today = localday_today();
    char today_text[DATE_TEXT_SIZE];
    localday_format(today, today_text);
    hoso__v1__source_page__init(page);
    page->cut = request_cut(request);
    page->at = arena_string(request->arena, slice_text(today_text));
    page->sources = arena_array(request->arena, limit + 1U, sizeof(Hoso__V1__SourceLine *));
    Hoso__V1__SourceLine *line = arena_array(request->arena, limit + 1U, sizeof *line);
    if (page->sources == NULL || line == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(entries[i]->name, after) <= 0) {
            continue;
        }
        if (page->n_sources == limit) {
            page->next = page->sources[limit - 1]->source;
            break;
        }
        hoso__v1__source_line__init(line);
        line->source = message_text(entries[i]->name);
        fill_registered(request, entries[i], line);
        fill_counted(request, slice_text(entries[i]->name), today, line);
        page->sources[page->n_sources++] = line++;
    }
    return request->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

/* The units that the answer is about: that of the question, else those that the asker may see. */
static bool find_roots(struct request *request, struct source_list *list)
{
    const char *unit = request->body->list_sources->unit;
    const struct catalogue *catalogue = request->view->catalogue;
    const struct principal *principal = request->at->principal;
    const bool named = unit[0] != '\0';
    if (named && !request_unit(request, unit)) {
        return false;
    }
    if (!named && request_may_see(request, slice_text(""))) {
        return true;
    }
    const unsigned count = named ? 1 : principal->unit_count;
    struct slice *roots = arena_array(request->arena, count + 1U, sizeof *roots);
    if (catalogue == NULL || roots == NULL) {
        (void)request_refuse(request, CODE(NOT_READY), "", "no catalogue was published yet");
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        roots[i] = slice_text(named ? unit : principal->units[i]);
    }
    list->roots = roots;
    list->root_count = count;
    return true;
}

static enum status make_page(struct source_list *list, uint32_t limit, Hoso__V1__SourcePage *page)
{
    struct request *request = list->request;
    struct source_entry **entries = NULL;
    size_t count = 0;
    enum status status = STATUS_OK;
    registry_each(server_options(request->server)->service->registry, add_registered, list);
    if (list->root_count == 0) {
        source_scan_totals(&request->copy.txn, REPLICA_LEDGER, add_counted, list);
    } else {
        status = add_sources_of_units(list);
    }
    if (status == STATUS_OK) {
        status = sort_entries(list, &entries, &count);
    }
    if (status == STATUS_OK) {
        status = fill_page(request, entries, count, limit, page);
    }
    return status_first(request->copy.txn.status, status);
}

enum outcome answer_sources(struct request *request)
{
    struct source_list list = {.request = request};
    Hoso__V1__SourcePage *page = arena_alloc(request->arena, sizeof *page);
    uint32_t limit = 0;
    if (page == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    if (!request_limit(request, request->body->list_sources->limit, &limit) ||
        !find_roots(request, &list)) {
        return REQUEST_ANSWERED;
    }
    const enum status status = make_page(&list, limit, page);
    if (status != STATUS_OK) {
        return request_fail(request, status);
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_SOURCES;
    request->reply->sources = page;
    return REQUEST_ANSWERED;
}
