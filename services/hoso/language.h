/* SPDX-License-Identifier: Apache-2.0
 *
 * The language of results and errors: --lang, else `lang` of the client configuration, else
 * Vietnamese. Messages are written in English, and po/vi.po has the Vietnamese of those that a
 * clerk can meet; what it does not have is printed as it is written.
 */
#ifndef HOSO_LANGUAGE_H
#define HOSO_LANGUAGE_H

#include "services/hoso/command.h"

/* Before options are parsed, so that what is wrong with them is said in that language, too. */
void language_begin(struct command *command, int argc, char **argv);
/* A sentence for people about what a service or the library refused, or NULL: the error's own text
 * is all there is. */
const char *language_sentence(const struct hoso_error *error);
/* A finished English sentence in that language, dates as on paper: as one of po/vi.po's messages
 * with its values. False: it has none and is copied as it is. */
bool language_text(const char *english, char *ret_text, size_t size);

#endif
