/* SPDX-License-Identifier: Apache-2.0 */
#include "render/lists/list_pages.h"

#include <stdlib.h>
#include <string.h>

#include "client/client.h"

void list_pages_fini(struct list_pages *pages)
{
    for (size_t i = 0; i < pages->count; i++) {
        hoso_free(pages->pages[i]);
    }
    free(pages->pages);
    *pages = (struct list_pages){.pages = NULL};
}

static bool keep(struct list_pages *pages, const struct list_page *page)
{
    void **more = reallocarray(pages->pages, pages->count + 1, sizeof *more);
    if (more == NULL) {
        return false;
    }
    pages->pages = more;
    pages->cuts_differ =
        pages->cuts_differ || (pages->count != 0 && page->cut.position != pages->cut.position);
    more[pages->count++] = page->result;
    pages->lines += page->count;
    pages->cut = page->cut;
    pages->next = page->next;
    pages->complete = page->next[0] == '\0';
    return true;
}

static enum hoso_status gather(const struct list_kind *kind, struct hoso_client *client,
                               void *query, const char *after, uint64_t most, size_t count,
                               struct list_pages *pages, struct hoso_error *error)
{
    *pages = (struct list_pages){.next = after};
    while (pages->lines < most && !pages->complete && (count == 0 || pages->count < count)) {
        const uint64_t left = most - pages->lines;
        struct list_page page = {.result = NULL};
        const enum hoso_status status =
            kind->ask(client, query, pages->next,
                      (unsigned)(left < LIST_PAGE_LINES ? left : LIST_PAGE_LINES), &page, error);
        if (status != HOSO_OK) {
            return status;
        }
        if (!keep(pages, &page)) {
            hoso_free(page.result);
            return client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
        }
    }
    return HOSO_OK;
}

enum hoso_status list_gather(const struct list_kind *kind, struct hoso_client *client, void *query,
                             const char *after, uint64_t most, size_t pages,
                             struct list_pages *ret_pages, struct hoso_error *error)
{
    enum hoso_status status = gather(kind, client, query, after, most, pages, ret_pages, error);
    for (unsigned attempt = 1;
         attempt < LIST_ATTEMPTS && status == HOSO_OK && kind->of_one_cut && ret_pages->cuts_differ;
         attempt++) {
        list_pages_fini(ret_pages);
        status = gather(kind, client, query, after, most, pages, ret_pages, error);
    }
    return status;
}

int64_t list_fill(const struct list_kind *kind, const struct list_reader *reader,
                  const struct list_pages *pages, struct document *document)
{
    int64_t sum = 0;
    list_begin(document, kind, reader);
    for (size_t i = 0; i < pages->count; i++) {
        sum += kind->add_rows(document, reader, pages->pages[i]);
    }
    return sum;
}

void list_print_json(const struct list_kind *kind, const struct list_pages *pages,
                     const struct document *document, int64_t sum, FILE *out)
{
    struct render_json json = render_json_to(out);
    json_put_object(&json, NULL);
    json_put_cut(&json, pages->cut.incarnation, pages->cut.position);
    json_put_flag(&json, "complete", pages->complete);
    if (kind->has_sum) {
        json_put_number(&json, "sum", sum);
    }
    json_put_optional(&json, "next", pages->complete ? NULL : pages->next);
    render_rows_json(document, &json, kind->name);
    json_put_end(&json);
    (void)fputc('\n', out);
}
