/* SPDX-License-Identifier: Apache-2.0
 *
 * The period of a request: the parameters are those of `hoso report`, without its dashes.
 */
#include <string.h>

#include "base/text.h"
#include "client/hoso_report.h"
#include "options/period.h"
#include "services/gateway/handlers.h"

/* The parameter that was given, or should be. */
static const char *given(const struct web_request *request)
{
    static const char *const names[] = {"from", "to", "month", "quarter", "year", "period"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (web_text(request, names[i]) != NULL) {
            return names[i];
        }
    }
    return "from";
}

bool handle_period(struct web_request *request, struct period *ret_period)
{
    struct period *period = ret_period;
    *period = (struct period){.from = web_text(request, "from"),
                              .to = web_text(request, "to"),
                              .month = web_text(request, "month"),
                              .quarter = web_text(request, "quarter"),
                              .year = web_text(request, "year"),
                              .last_month = web_text(request, "period") != NULL,
                              .cumulative = web_flag(request, "cumulative")};
    const char *wrong =
        period_resolve(period, (int)request->gateway->settings->reporting_day, localday_today());
    if (wrong != NULL) {
        web_fail(request, PROBLEM_INVALID, given(request), "%s", wrong);
    }
    return wrong == NULL;
}

bool handle_as_closed(struct web_request *request, int *ret_as_closed)
{
    const char *given_close = web_text(request, "asClosed");
    uint64_t number = 0;
    if (given_close == NULL) {
        *ret_as_closed = 0;
    } else if (strcmp(given_close, "latest") == 0) {
        *ret_as_closed = HOSO_LATEST_CLOSE;
    } else if (text_number(slice_text(given_close), INT32_MAX, &number) && number != 0) {
        *ret_as_closed = (int)number;
    } else {
        web_fail(request, PROBLEM_INVALID, "asClosed",
                 "asClosed is \"latest\" or a close's number");
        return false;
    }
    return true;
}
