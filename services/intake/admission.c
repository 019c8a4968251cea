/* SPDX-License-Identifier: Apache-2.0
 *
 * Only what an event's kind carries is looked up: other attributes count nothing. A unit, field or
 * procedure of any date will do, because events may come late.
 */
#include "services/intake/admission.h"

#include "base/localday.h"
#include "catalogue/scope.h"
#include "event/event_wire.h"
#include "journal/block.h"

_Static_assert((int)ADMISSION_EVENTS_MAX <= (int)BLOCK_EVENTS_MAX, "one Append makes one block");
_Static_assert((int)ADMISSION_RECORDS_MAX < (int)BLOCK_BYTES_MAX - 1024,
               "one Append makes one block");

bool admission_covers(const struct admission *admission, struct slice unit)
{
    const struct principal *principal = admission->principal;
    if (principal->all_units) {
        return true;
    }
    for (unsigned i = 0; i < principal->unit_count; i++) {
        if (scope_covers(admission->catalogue, slice_text(principal->units[i]), unit)) {
            return true;
        }
    }
    return false;
}

/* An alias becomes the id: it is what is journaled. */
static void take_unit(const struct admission *admission, struct event *event,
                      struct event_fault *fault)
{
    const int32_t day = localday_of_ms(event->occurred_at_ms);
    if (!catalogue_unit_named(admission->catalogue, event->unit, day, &event->unit)) {
        (void)event_fault_add(fault, "unit", "\"%.*s\" is not in the catalogue",
                              SLICE_ARG(event->unit));
    } else if (!admission_covers(admission, event->unit)) {
        (void)event_fault_add(fault, "unit", "\"%.*s\" is outside the units of this key (%s)",
                              SLICE_ARG(event->unit), admission->principal->name);
    }
}

/* Of an event whose kind is not known, what is given is looked up. */
static bool is_given(const struct event *event, struct slice code)
{
    return event->kind == KIND_NONE && code.size != 0;
}

static void check_against_catalogue(const struct admission *admission, struct event *event,
                                    struct event_fault *fault)
{
    const struct catalogue *catalogue = admission->catalogue;
    if (event_kind_has_unit(event->kind) || is_given(event, event->unit)) {
        take_unit(admission, event, fault);
    }
    if ((event_kind_has_procedure(event->kind) || is_given(event, event->procedure)) &&
        !catalogue_procedure_named(catalogue, event->procedure,
                                   localday_of_ms(event->occurred_at_ms), &event->procedure)) {
        (void)event_fault_add(fault, "procedure", "\"%.*s\" is not in the catalogue",
                              SLICE_ARG(event->procedure));
    }
    if ((event->kind == KIND_RECEIVED || is_given(event, event->field)) &&
        !catalogue_has_field(catalogue, event->field)) {
        (void)event_fault_add(fault, "field", "\"%.*s\" is not in the catalogue",
                              SLICE_ARG(event->field));
    }
}

enum status admission_event(const struct admission *admission, const Hoso__V1__Event *wire,
                            struct buffer *records, struct event_fault *ret_fault)
{
    struct event event;
    event_from_wire(wire, &event);
    *ret_fault = (struct event_fault){.field = ""};
    const enum status status = event_check(&event, admission->arena, ret_fault);
    if (status == STATUS_TOO_LARGE) {
        return status;
    }
    check_against_catalogue(admission, &event,
                            ret_fault); /* beside the faults that were found already */
    if (ret_fault->count != 0) {
        return STATUS_INVALID;
    }
    block_put_event(records, &event);
    return buffer_status(records);
}

char *admission_others(const struct admission *admission, const Hoso__V1__EventCheck *check)
{
    static const char separator[] = "; ";
    struct event event = {.kind = KIND_NONE};
    struct event_fault fault = {.field = "", .json_names = true};
    if (check->event != NULL) {
        event_from_wire(check->event, &event);
    }
    while (fault.count < EVENT_FAULT_FIELDS && fault.count < check->n_known) {
        fault.fields[fault.count] = check->known[fault.count];
        fault.count++;
    }
    if (fault.count == 0) { /* so that all that is found goes by its name */
        fault.fields[fault.count++] = "";
    }
    check_against_catalogue(admission, &event, &fault);
    const bool any = fault.reason[0] != '\0';
    return arena_string(admission->arena,
                        slice_text(any ? fault.reason + sizeof separator - 1 : ""));
}

static void add_fault(struct admission_faults *faults, uint32_t index,
                      const struct event_fault *fault)
{
    faults->list[faults->count++] = (struct admission_fault){index, *fault};
}

/* What is wrong with the Append as a whole, reported as a fault of its first event. */
static enum status check_whole(const Hoso__V1__AppendRequest *request, size_t bytes,
                               struct event_fault *ret_fault)
{
    if (request->n_events == 0 || request->n_events > ADMISSION_EVENTS_MAX) {
        return event_fault_set(ret_fault, "", "an Append carries 1 to %d events, not %zu",
                               ADMISSION_EVENTS_MAX, request->n_events);
    }
    if (bytes > ADMISSION_BYTES_MAX + ADMISSION_ENVELOPE_MAX) {
        return event_fault_set(ret_fault, "",
                               "an Append has at most %d bytes, not %zu; send fewer "
                               "events at once",
                               ADMISSION_BYTES_MAX, bytes);
    }
    if (request->first_sequence == 0 && request->epoch != 0) {
        return event_fault_set(ret_fault, "", "first_sequence: sequences begin at 1");
    }
    return STATUS_OK;
}

enum status admission_append(const struct admission *admission,
                             const Hoso__V1__AppendRequest *request, size_t bytes,
                             struct buffer *records, struct admission_faults *ret_faults)
{
    struct event_fault fault = {.field = ""};
    struct admission_faults faults = {.count = 0};
    buffer_clear(records);
    enum status status = check_whole(request, bytes, &fault);
    const size_t count = status == STATUS_OK ? request->n_events : 1;
    const size_t listed = count < ADMISSION_FAULTS_MAX ? count : ADMISSION_FAULTS_MAX;
    faults.list = arena_array(admission->arena, listed, sizeof *faults.list);
    if (faults.list == NULL) {
        return STATUS_TOO_LARGE;
    }
    if (status != STATUS_OK) {
        add_fault(&faults, 0, &fault);
    }
    for (size_t i = 0; status == STATUS_OK && i < count && faults.count < listed; i++) {
        status = admission_event(admission, request->events[i], records, &fault);
        if (status == STATUS_INVALID) {
            add_fault(&faults, (uint32_t)i, &fault);
            status = STATUS_OK;
        }
    }
    if (status == STATUS_TOO_LARGE) {
        return status;
    }
    *ret_faults = faults;
    return faults.count == 0 ? STATUS_OK : STATUS_INVALID;
}
