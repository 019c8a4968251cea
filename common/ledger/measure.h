/* SPDX-License-Identifier: Apache-2.0
 *
 * The measures: one list, counting rules §4. A new measure is one row here plus its rule in fold.
 * Numbers are stored: append, never renumber.
 */
#ifndef HOSO_LEDGER_MEASURE_H
#define HOSO_LEDGER_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "event/event.h"

/* X(NAME, "name", FLOW or STOCK, "Vietnamese", "English") in printing order. */
#define MEASURE_LIST(X)                                                                           \
    X(RECEIVED, "received", FLOW, "Tiếp nhận", "Received")                                        \
    X(OUT_OF_TERRITORY, "out_of_territory", FLOW, "Tiếp nhận phi địa giới",                       \
      "Received from elsewhere")                                                                  \
    X(RESOLVED_EARLY, "resolved_early", FLOW, "Giải quyết trước hạn", "Resolved early")           \
    X(RESOLVED_ON_TIME, "resolved_on_time", FLOW, "Giải quyết đúng hạn", "Resolved on time")      \
    X(RESOLVED_LATE_APOLOGY, "resolved_late_apology", FLOW, "Quá hạn có xin lỗi",                 \
      "Resolved late, with apology")                                                              \
    X(RESOLVED_LATE_NO_APOLOGY, "resolved_late_no_apology", FLOW, "Quá hạn không xin lỗi",        \
      "Resolved late, without apology")                                                           \
    X(RETURNED, "returned", FLOW, "Trả lại", "Returned")                                          \
    X(WITHDRAWN, "withdrawn", FLOW, "Công dân rút", "Withdrawn")                                  \
    X(REFUSED, "refused", FLOW, "Từ chối tiếp nhận", "Refused")                                   \
    X(HANDED_OVER, "handed_over", FLOW, "Đã trả kết quả", "Handed over")                          \
    X(TRANSFERRED_IN, "transferred_in", FLOW, "Chuyển đến", "Transferred in")                     \
    X(TRANSFERRED_OUT, "transferred_out", FLOW, "Chuyển đi", "Transferred out")                   \
    X(COMPONENTS_DIGITISED, "components_digitised", FLOW, "Số hóa thành phần hồ sơ",              \
      "Components digitised")                                                                     \
    X(RESULT_DIGITISED, "result_digitised", FLOW, "Số hóa kết quả", "Results digitised")          \
    X(PAID_ONLINE, "paid_online", FLOW, "Thanh toán trực tuyến", "Paid online")                   \
    X(SUBMITTED, "submitted", FLOW, "Nộp trực tuyến", "Submitted")                                \
    X(PETITION_RECEIVED, "petition_received", FLOW, "PAKN tiếp nhận", "Petitions received")       \
    X(PETITION_RESOLVED_ON_TIME, "petition_resolved_on_time", FLOW, "PAKN xử lý đúng hạn",        \
      "Petitions resolved on time")                                                               \
    X(PETITION_RESOLVED_LATE, "petition_resolved_late", FLOW, "PAKN xử lý quá hạn",               \
      "Petitions resolved late")                                                                  \
    X(PROCESSING_IN_TIME, "processing_in_time", STOCK, "Đang giải quyết trong hạn",               \
      "In process, in time")                                                                      \
    X(PROCESSING_OVERDUE, "processing_overdue", STOCK, "Đang giải quyết quá hạn",                 \
      "In process, overdue")                                                                      \
    X(WAITING_SUPPLEMENT, "waiting_supplement", STOCK, "Chờ bổ sung", "Waiting for supplement")   \
    X(WAITING_PAYMENT, "waiting_payment", STOCK, "Chờ nghĩa vụ tài chính", "Waiting for payment") \
    X(STOPPED, "stopped", STOCK, "Dừng xử lý", "Stopped")                                         \
    X(AWAITING_RECEPTION, "awaiting_reception", STOCK, "Chờ tiếp nhận trong hạn",                 \
      "Awaiting reception, in time")                                                              \
    X(RESULT_WAITING, "result_waiting", STOCK, "Chờ trả kết quả",                                 \
      "Result waiting to be handed over")                                                         \
    X(PETITION_OPEN_IN_TIME, "petition_open_in_time", STOCK, "PAKN đang xử lý trong hạn",         \
      "Petitions open, in time")                                                                  \
    X(PETITION_OPEN_OVERDUE, "petition_open_overdue", STOCK, "PAKN đang xử lý quá hạn",           \
      "Petitions open, overdue")                                                                  \
    X(RECEIVED_LATE, "received_late", FLOW, "Tiếp nhận quá hạn", "Received late")                 \
    X(AWAITING_RECEPTION_OVERDUE, "awaiting_reception_overdue", STOCK, "Chờ tiếp nhận quá hạn",   \
      "Awaiting reception, overdue")

enum measure {
#define MEASURE_ENUM(name, id, type, vi, en) MEASURE_##name,
    MEASURE_LIST(MEASURE_ENUM)
#undef MEASURE_ENUM
        MEASURE_COUNT
};

/* Of a period: what happened in it, what there is as it begins, and as it ends. */
enum side { SIDE_FLOW = 1, SIDE_OPEN = 2, SIDE_CLOSE = 3 };

/* A slot splits a measure: channel × level for dossiers (0 = neither is known, before reception),
 * the class for petitions. */
enum { SLOT_COUNT = 16, SLOTS_ALL = 0xFFFF };

static inline unsigned slot_of(enum channel channel, enum service_level level)
{
    return (unsigned)channel * 4U + (unsigned)level;
}

static inline enum channel channel_of_slot(unsigned slot)
{
    return (enum channel)(slot / 4U);
}

static inline enum service_level level_of_slot(unsigned slot)
{
    return (enum service_level)(slot % 4U);
}

/* Bit sets over slots; channel or level 0 = any. */
uint32_t slots_of(enum channel channel, enum service_level level);
uint32_t slots_of_class(enum petition_class petition_class);

const char *measure_name(enum measure measure);
const char *measure_label(enum measure measure, bool english);
bool measure_is_stock(enum measure measure);
enum measure measure_of(struct slice name); /* MEASURE_COUNT if there is none */

#endif
