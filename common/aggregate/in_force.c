/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/in_force.h"

#include "aggregate/aggregate.h"
#include "base/localday.h"
#include "ledger/ledger.h"

void in_force_fini(struct in_force *in_force)
{
    catalogue_free(in_force->catalogue);
    *in_force = (struct in_force){0};
}

void in_force_forget(struct in_force *in_force)
{
    in_force->known = false;
}

static enum status read_applied(struct in_force *in_force, struct store_txn *txn,
                                struct error *error)
{
    struct slice packed;
    if (store_get(txn, TABLE_LEDGER, ledger_catalogue_key(), &packed)) {
        return catalogue_parse(packed, &in_force->catalogue, error);
    }
    return txn->status == STATUS_OK
               ? STATUS_OK
               : error_set(error, txn->status, "cannot read the catalogue in force: %s",
                           status_text(txn->status));
}

enum status in_force_know(struct in_force *in_force, struct store *store, struct store_txn *txn,
                          struct error *error)
{
    enum status status = STATUS_OK;
    if (in_force->known) {
        return STATUS_OK;
    }
    in_force_fini(in_force);
    if (txn != NULL) {
        status = read_applied(in_force, txn, error);
    } else {
        struct store_txn read;
        store_begin_read(store, &read);
        status = read_applied(in_force, &read, error);
        store_abort(&read);
    }
    in_force->known = status == STATUS_OK;
    return status;
}

enum status in_force_take(struct in_force *in_force, struct slice packed)
{
    struct catalogue *catalogue = NULL;
    struct error error;
    if (catalogue_parse(packed, &catalogue, &error) != STATUS_OK) {
        return STATUS_CORRUPT;
    }
    catalogue_free(in_force->catalogue);
    in_force->catalogue = catalogue;
    return STATUS_OK;
}

bool in_force_is_invalid_unit(const struct in_force *in_force, const struct event *event)
{
    const struct slice unit = event_unit(event);
    return in_force->catalogue != NULL && unit.size != 0 &&
           catalogue_unit(in_force->catalogue, unit, localday_of_ms(event->occurred_at_ms)) == NULL;
}
