/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over the sentence: text is copied, a place is looked up.
 */
#include "services/reporting/engine/sentence.h"

#include <string.h>

static bool put_place(struct slice inside, sentence_place *place, void *context, struct buffer *out)
{
    const uint8_t *bar = memchr(inside.data, '|', inside.size);
    if (bar == NULL) {
        return place(context, inside, 0, out);
    }
    const size_t size = (size_t)(bar - inside.data);
    if (inside.size != size + 2 || bar[1] < '1' || bar[1] > '9') {
        return false;
    }
    return place(context, slice_of(inside.data, size), (unsigned)(bar[1] - '0'), out);
}

enum status sentence_render(const char *sentence, sentence_place *place, void *context,
                            struct arena *arena, char **ret_text)
{
    struct buffer out;
    bool known = true;
    buffer_init(&out, SENTENCE_BYTES_MAX);
    while (known && *sentence != '\0') {
        const size_t plain = strcspn(sentence, "{");
        buffer_put(&out, sentence, plain);
        sentence += plain;
        if (*sentence == '{') {
            const size_t inside = strcspn(sentence + 1, "}");
            known = sentence[inside + 1] == '}' &&
                    put_place(slice_of(sentence + 1, inside), place, context, &out);
            sentence += known ? inside + 2 : 0;
        }
    }
    enum status status = known ? buffer_status(&out) : STATUS_INVALID;
    if (status == STATUS_OK) {
        char *text = arena_string(arena, buffer_slice(&out));
        status = text != NULL ? STATUS_OK : STATUS_TOO_LARGE;
        *ret_text = text != NULL ? text : *ret_text;
    }
    buffer_fini(&out);
    return status;
}
