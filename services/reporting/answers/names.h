/* SPDX-License-Identifier: Apache-2.0
 *
 * Aggregation knows ids; the catalogue has what people call them. Texts live in the arena; what is
 * not in the catalogue, or does not fit, keeps an empty name. `catalogue` NULL: nothing is named.
 */
#ifndef HOSO_REPORTING_ANSWERS_NAMES_H
#define HOSO_REPORTING_ANSWERS_NAMES_H

#include "catalogue/catalogue.h"
#include "hoso/v1/ledger.pb-c.h"

void names_dossiers(const struct catalogue *catalogue, struct arena *arena,
                    Hoso__V1__DossierPage *page);
void names_lives(const struct catalogue *catalogue, struct arena *arena,
                 Hoso__V1__DossierLives *lives);

#endif
