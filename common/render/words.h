/* SPDX-License-Identifier: Apache-2.0
 *
 * What lists call things: programs (JSON) get the names of the protocol, people the words that
 * offices use.
 */
#ifndef HOSO_RENDER_WORDS_H
#define HOSO_RENDER_WORDS_H

#include "render/render.h"

/* Who reads a list. */
struct list_reader {
    enum render_format format;
    bool english;
};

enum words {
    WORDS_STATE,
    WORDS_CHANNEL,
    WORDS_LEVEL,
    WORDS_TIER,
    WORDS_FINDING,
    WORDS_EVENT,
    WORDS_SOURCE,
    WORDS_EFFECT,
    WORDS_PETITION
};

/* A name as it is if there is no word for it. */
const char *words_of(const struct list_reader *reader, enum words words, const char *name);
/* "2024-02-19" as 19/02/2024, "2024-02-19T09:30:…" as 09:30 19/02/2024 in Vietnamese, but for JSON;
 * a copy lives in the result's memory. */
const char *words_date(const struct list_reader *reader, void *result, const char *date);

#endif
