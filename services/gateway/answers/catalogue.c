/* SPDX-License-Identifier: Apache-2.0
 *
 * GET and PUT /v1/catalogue. What is wrong with the three texts is answered at once, all of it; a
 * dry run compares them with the catalogue in force.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "render/lists/catalogue_lists.h"
#include "render/render.h"
#include "replacing/replacing.h"
#include "services/gateway/handlers.h"

enum { CATALOGUE_ARENA_BYTES = CATALOGUE_BYTES_MAX * 8, NAMED_BYTES_MAX = 16 << 20 };

static bool print_catalogue(const struct web_request *request, const struct hoso_catalogue *answer,
                            const struct catalogue *catalogue, FILE *out)
{
    struct document documents[CATALOGUE_PARTS];
    struct arena arena;
    int32_t day = localday_today();
    const char *at = web_text(request, "at");
    bool good = at == NULL || localday_parse(slice_text(at), &day);
    arena_init(&arena, CATALOGUE_ARENA_BYTES);
    for (unsigned i = 0; i < CATALOGUE_PARTS; i++) {
        catalogue_part_document(catalogue, i, day, request->english, &arena, &documents[i]);
        good = good && !documents[i].failed;
    }
    if (good) {
        catalogue_print_json(documents, catalogue_part_names, CATALOGUE_PARTS, answer->cut, out);
    }
    for (unsigned i = 0; i < CATALOGUE_PARTS; i++) {
        document_fini(&documents[i]);
    }
    arena_fini(&arena);
    return good;
}

static void answer_catalogue(struct web_request *request, const struct hoso_catalogue *answer)
{
    struct catalogue *catalogue = NULL;
    struct error error;
    struct web_print print;
    if (answer->size == 0) {
        request->answer.retry_s = 30;
        web_fail(request, PROBLEM_UNAVAILABLE, NULL, "there is no catalogue yet");
        return;
    }
    if (catalogue_parse(slice_of(answer->data, answer->size), &catalogue, &error) != STATUS_OK) {
        web_fail(request, PROBLEM_INTERNAL, NULL, "%s", error.text);
        return;
    }
    if (web_print_begin(request, &print)) {
        const bool good = print_catalogue(request, answer, catalogue, print.out);
        web_print_answer_tagged(request, &print, good);
    }
    catalogue_free(catalogue);
}

void handle_catalogue(struct web_request *request)
{
    struct hoso_catalogue *answer = NULL;
    struct hoso_error error;
    if (hoso_catalogue_get(request->client, &answer, &error) != HOSO_OK) {
        web_fail_client(request, &error);
        return;
    }
    answer_catalogue(request, answer);
    hoso_free(answer);
}

/* The catalogue in force and the one to come. */
struct put_replacement {
    struct catalogue *before; /* NULL = none yet */
    struct catalogue *after;
};

/* False = it was answered. */
static bool read_replacement(struct web_request *request, const struct catalogue_import *import,
                             struct put_replacement *ret_change)
{
    struct hoso_catalogue *answer = NULL;
    struct hoso_error failure;
    struct error error;
    *ret_change = (struct put_replacement){NULL, NULL};
    if (hoso_catalogue_get(request->client, &answer, &failure) != HOSO_OK) {
        web_fail_client(request, &failure);
        return false;
    }
    enum status status = catalogue_parse(buffer_slice(&import->packed), &ret_change->after, &error);
    if (status == STATUS_OK && answer->size > 0) {
        status = catalogue_parse(slice_of(answer->data, answer->size), &ret_change->before, &error);
    }
    hoso_free(answer);
    if (status != STATUS_OK) {
        web_fail(request, PROBLEM_INVALID, NULL, "%s", error.text);
    }
    return status == STATUS_OK;
}

/* With the number of events behind each change, for an administrator. */
static bool put_changes(struct web_request *request, const struct put_replacement *change,
                        struct render_json *json)
{
    struct replacing_uses uses;
    const struct catalogue_events events = {replacing_events_of, &uses};
    struct document document;
    struct arena arena;
    struct hoso_error failure;
    struct error error;
    arena_init(&arena, CATALOGUE_ARENA_BYTES);
    enum hoso_status counted = HOSO_DENIED;
    if (change->before != NULL) {
        counted = replacing_count_uses(request->client, change->before, change->after, false,
                                       &arena, &uses, &failure);
    }
    if (counted != HOSO_OK && counted != HOSO_DENIED) {
        arena_fini(&arena);
        web_fail_client(request, &failure);
        return false;
    }
    const enum status status = catalogue_change_document(
        change->before, change->after, counted == HOSO_OK ? &events : NULL, request->english,
        &arena, &document, &error);
    if (status == STATUS_OK) {
        render_rows_json(&document, json, "changes");
    } else {
        web_fail(request, PROBLEM_INVALID, NULL, "%s", error.text);
    }
    document_fini(&document);
    arena_fini(&arena);
    return status == STATUS_OK;
}

static bool put_in_force(struct web_request *request, const struct put_replacement *change,
                         struct render_json *json)
{
    struct hoso_cut cut;
    struct hoso_error error;
    struct buffer named;
    buffer_init(&named, NAMED_BYTES_MAX);
    const enum hoso_status status =
        replacing_put(request->client, change->before, change->after, &cut, &named, &error);
    if (status == HOSO_OK) {
        json_put_cut(json, cut.incarnation, cut.position);
    } else if (status == HOSO_CONFLICT) {
        web_fail_list(request, error.text, buffer_slice(&named));
    } else {
        web_fail_client(request, &error);
    }
    buffer_fini(&named);
    return status == HOSO_OK;
}

static void answer_put(struct web_request *request, struct catalogue_import *import)
{
    struct web_print print;
    if (!web_print_begin(request, &print)) {
        return;
    }
    struct render_json json = render_json_to(print.out);
    json_put_object(&json, NULL);
    struct put_replacement change;
    bool good = read_replacement(request, import, &change);
    if (good) {
        good = web_flag(request, "dryRun") ? put_changes(request, &change, &json)
                                           : put_in_force(request, &change, &json);
    }
    catalogue_free(change.before);
    catalogue_free(change.after);
    web_put_lines(request, &json, "warnings", buffer_slice(&import->warnings));
    json_put_end(&json);
    (void)fputc('\n', print.out);
    if (good) {
        web_print_answer(request, &print, MHD_HTTP_OK, true);
    } else { /* it was answered */
        (void)fclose(print.out);
        free(print.text);
    }
}

/* The texts are the object's. */
static bool read_texts(struct web_request *request, const json_t *object,
                       struct catalogue_texts *ret_texts)
{
    struct slice *const places[] = {&ret_texts->units, &ret_texts->fields, &ret_texts->procedures};
    if (!json_is_object(object)) {
        web_fail(request, PROBLEM_INVALID, NULL,
                 "the body is no JSON object: {\"units\": …, \"fields\": …, \"procedures\": …}");
        return false;
    }
    for (unsigned i = 0; i < CATALOGUE_PARTS; i++) {
        const char *text = web_member(request, object, catalogue_part_names[i], true);
        if (text == NULL) {
            return false;
        }
        *places[i] = slice_text(text);
    }
    return true;
}

void handle_put_catalogue(struct web_request *request)
{
    const struct slice body = buffer_slice(&request->body);
    json_t *object = json_loadb((const char *)body.data, body.size, JSON_REJECT_DUPLICATES, NULL);
    struct catalogue_texts texts;
    if (read_texts(request, object, &texts)) {
        struct catalogue_import import;
        catalogue_import_init(&import);
        if (catalogue_import_texts(&texts, &import) != STATUS_OK) {
            web_fail_list(request, "the catalogue has faults to mend; nothing was changed",
                          buffer_slice(&import.faults));
        } else {
            answer_put(request, &import);
        }
        catalogue_import_fini(&import);
    }
    json_decref(object);
}
